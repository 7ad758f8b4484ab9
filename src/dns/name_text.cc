// Names in presentation form (RFC 1035 section 5.1): for configuration, logs and tests.
#include <cstring>

#include "dns/name.h"

namespace dotkeep::dns {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The octet that `text` begins with, escaped or not, and how many characters say it; a size of 0
// where none is well formed.
struct TextOctet {
  std::uint8_t value = 0;
  std::size_t size = 0;
};

TextOctet read_octet(std::string_view text) {
  if (text[0] != '\\') return {static_cast<std::uint8_t>(text[0]), 1};
  if (text.size() < 2) return {};
  if (!is_digit(text[1])) return {static_cast<std::uint8_t>(text[1]), 2};
  if (text.size() < 4 || !is_digit(text[2]) || !is_digit(text[3])) return {};
  const int value = (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
  if (value > 255) return {};
  return {static_cast<std::uint8_t>(value), 4};
}

// Printable, and not a character that master files, shells of log readers or dig treat specially.
bool stands_for_itself(std::uint8_t c) {
  return c > ' ' && c < 0x7f && std::strchr(".\\\"();@$'", c) == nullptr;
}

// Characters into a span that may be too short: what does not fit whole is left out.
class TextWriter {
 public:
  explicit TextWriter(std::span<char> out) : out_(out) {}
  void add(std::string_view text) {
    full_ = full_ || text.size() > out_.size() - size_;
    if (full_) return;
    std::memcpy(out_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  [[nodiscard]] std::string_view written() const { return {out_.data(), size_}; }

 private:
  std::span<char> out_;
  std::size_t size_ = 0;
  bool full_ = false;
};

void add_octet(TextWriter& out, std::uint8_t octet) {
  if (stands_for_itself(octet)) {
    const char c = static_cast<char>(octet);
    return out.add({&c, 1});
  }
  const std::array<char, 4> escaped{'\\', static_cast<char>('0' + octet / 100),
                                    static_cast<char>('0' + octet / 10 % 10),
                                    static_cast<char>('0' + octet % 10)};
  out.add({escaped.data(), escaped.size()});
}

}  // namespace

std::optional<Name> Name::from_text(std::string_view text) {
  if (text == ".") return Name();
  if (text.empty()) return std::nullopt;
  std::array<std::uint8_t, kMaxName> wire{};
  std::size_t label_at = 0;  // of the length octet being counted up
  std::size_t size = 1;
  while (!text.empty()) {
    if (text[0] == '.') {
      text.remove_prefix(1);
      if (wire[label_at] == 0 || size == kMaxName) return std::nullopt;
      label_at = size++;
      continue;
    }
    const TextOctet octet = read_octet(text);
    if (octet.size == 0 || size == kMaxName || wire[label_at] == kMaxLabel) return std::nullopt;
    text.remove_prefix(octet.size);
    wire[size++] = octet.value;
    ++wire[label_at];
  }
  // Without a final dot the last label is open still and the root's octet is to come.
  if (wire[label_at] != 0) ++size;
  if (size > kMaxName) return std::nullopt;
  return trusted(Octets(wire).first(size));
}

std::string_view Name::to_text(std::span<char> out) const {
  TextWriter text(out);
  if (is_root()) text.add(".");
  for (std::size_t at = 0; octets_[at] != 0;) {
    const std::size_t end = at + 1 + octets_[at];
    while (++at < end) add_octet(text, octets_[at]);
    text.add(".");
  }
  return text.written();
}

}  // namespace dotkeep::dns
