#include "config/slot.h"

#include <algorithm>

#include "config/suggest.h"
#include "config/units.h"

namespace dotkeep::config {
namespace {

class Reading {
 public:
  Reading(const Row& row, const Value& value, const std::string& path, Problems& problems)
      : row_(row), key_(*row.key), value_(value), path_(path), problems_(problems) {}

  void operator()(std::string* text) const {
    if (const std::string* found = string()) keep_text(value_, path_, *found, *text);
  }

  void operator()(std::uint32_t* number) const {
    if (value_.kind != Value::Kind::number) return expected();
    // A negative number is far beyond any bound when read as unsigned; the message shows it as
    // written.
    const auto found = static_cast<std::uint64_t>(value_.number);
    if (in_bounds(found, "is " + std::to_string(value_.number))) {
      *number = static_cast<std::uint32_t>(found);
    }
  }

  void operator()(std::uint64_t* size) const {
    const std::string* text = string();
    if (text == nullptr) return;
    if (const auto found = keep(parse_size(*text))) {
      if (in_bounds(*found, "is " + *text)) *size = *found;
    }
  }

  void operator()(Duration* time) const {
    const std::string* text = string();
    if (text == nullptr) return;
    if (const auto found = keep(parse_duration(*text))) {
      if (in_bounds(static_cast<std::uint64_t>(found->count()), "is " + *text)) *time = *found;
    }
  }

  void operator()(bool* on) const {
    if (const auto index = word(value_, path_)) *on = *index == 1;
  }

  void operator()(std::uint8_t* choice) const {
    if (const auto index = word(value_, path_)) *choice = static_cast<std::uint8_t>(*index);
  }

  void operator()(Endpoint* endpoint) const {
    const std::string* text = string();
    if (text == nullptr) return;
    if (const auto found = keep(parse_endpoint(*text, key_.port))) *endpoint = *found;
  }

  void operator()(std::vector<Prefix>* prefixes) const { list(prefixes, parse_prefix); }
  void operator()(std::vector<Pin>* pins) const { list(pins, parse_pin); }

  void operator()(std::vector<std::string>* texts) const {
    if (!is_list()) return;
    texts->clear();
    for (std::size_t i = 0; i < value_.items.size(); ++i) {
      const Value& item = value_.items[i];
      std::string text = item.text;
      if (!key_.words.empty()) {
        if (word(item, item_path(i))) texts->push_back(text);
      } else if (item.kind != Value::Kind::text) {
        problems_.error(item.line, item_path(i), "is " + item.described() + "; write a text");
      } else if (keep_text(item, item_path(i), item.text, text)) {
        texts->push_back(text);
      }
    }
  }

  void operator()(Listen* listen) const {
    if (value_.kind != Value::Kind::array || value_.items.empty()) return expected();
    listen->udp = listen->tcp = false;
    for (std::size_t i = 0; i < value_.items.size(); ++i) {
      const auto index = word(value_.items[i], item_path(i));
      if (index == 0U) listen->udp = true;
      if (index == 1U) listen->tcp = true;
    }
  }

 private:
  [[nodiscard]] std::string item_path(std::size_t i) const {
    return path_ + "[" + std::to_string(i) + "]";
  }

  void expected() const {
    const bool none = value_.kind == Value::Kind::array && value_.items.empty();
    problems_.error(
        value_.line, path_,
        "is " + (none ? "an empty list" : value_.described()) + "; write " + kind_text(row_));
  }

  [[nodiscard]] const std::string* string() const {
    if (value_.kind == Value::Kind::text) return &value_.text;
    expected();
    return nullptr;
  }

  template <typename T>
  [[nodiscard]] std::optional<T> keep(std::expected<T, std::string> result) const {
    if (result) return *std::move(result);
    problems_.error(value_.line, path_, result.error());
    return std::nullopt;
  }

  bool keep_text(const Value& value, const std::string& path, const std::string& found,
                 std::string& out) const {
    std::string text = found;
    if (const Complaint complaint = key_.check == nullptr ? Complaint() : key_.check(text)) {
      problems_.error(value.line, path, *complaint);
      return false;
    }
    out = std::move(text);
    return true;
  }

  [[nodiscard]] bool in_bounds(std::uint64_t number, const std::string& found) const {
    const std::string wrong = bound_text(row_, number);
    if (!wrong.empty()) problems_.error(value_.line, path_, found + "; " + wrong);
    return wrong.empty();
  }

  [[nodiscard]] bool is_list() const {
    if (value_.kind != Value::Kind::array) {
      expected();
      return false;
    }
    return in_bounds(value_.items.size(), "has " + std::to_string(value_.items.size()) + " items");
  }

  template <typename T, typename Parse>
  void list(std::vector<T>* out, Parse parse) const {
    if (!is_list()) return;
    out->clear();
    for (std::size_t i = 0; i < value_.items.size(); ++i) {
      const Value& item = value_.items[i];
      if (item.kind != Value::Kind::text) {
        problems_.error(item.line, item_path(i), "is " + item.described() + "; write a text");
      } else if (const auto found = parse(item.text); !found) {
        problems_.error(item.line, item_path(i), found.error());
      } else if (std::ranges::find(*out, *found) != out->end()) {
        problems_.error(item.line, item_path(i), "is there twice");
      } else {
        out->push_back(*found);
      }
    }
  }

  // The index of the word that `value` is.
  [[nodiscard]] std::optional<std::size_t> word(const Value& value, const std::string& path) const {
    const auto found = std::ranges::find(key_.words, value.text);
    if (value.kind == Value::Kind::text && found != key_.words.end()) {
      return static_cast<std::size_t>(found - key_.words.begin());
    }
    std::string message = "is " + value.described() + "; write " + kind_text(row_);
    if (value.kind == Value::Kind::text) message += suggestion(value.text, key_.words);
    problems_.error(value.line, path, std::move(message));
    return std::nullopt;
  }

  const Row& row_;
  const Key& key_;
  const Value& value_;
  const std::string& path_;
  Problems& problems_;
};

// A number in the unit of its slot.
std::string amount(const Slot& slot, std::uint64_t number) {
  if (std::holds_alternative<Duration*>(slot)) {
    return duration_text(Duration(static_cast<Duration::rep>(number)));
  }
  if (std::holds_alternative<std::uint64_t*>(slot)) return size_text(number);
  return std::to_string(number);
}

}  // namespace

void read_slot(const Row& row, const Value& value, const std::string& path, Problems& problems) {
  std::visit(Reading(row, value, path, problems), row.slot);
}

std::string range_text(const Row& row) {
  return "from " + amount(row.slot, row.key->bounds.least) + " to " +
         amount(row.slot, row.key->bounds.most);
}

std::string bound_text(const Row& row, std::uint64_t number) {
  const Bounds& bounds = row.key->bounds;
  if (number >= bounds.least && number <= bounds.most) return "";
  return "allowed is " + range_text(row) + " (" + std::string(bounds.why) + ")";
}

}  // namespace dotkeep::config
