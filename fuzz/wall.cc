// What a taken process could write to a wall, in all five directions. The first octet chooses the
// direction, the rest is one record. Whatever decodes must encode to the very octets it came from:
// then there is one form of every message, and nothing hides between fields.
#include <vector>

#include "fuzz.h"
#include "ipc/codec.h"

namespace {

using namespace dotkeep;

template <typename Variant>
void check(Octets record) {
  std::vector<std::uint8_t> again(record.size());
  Writer writer(again);
  Reader reader(record);
  while (!reader.empty()) {
    const std::size_t before = reader.offset();
    const auto message = ipc::decode<Variant>(reader);
    if (!message) return;  // a breach: the receiver ends
    FUZZ_CHECK(reader.offset() >= before + ipc::kMessageHeader);
    FUZZ_CHECK(ipc::encode(*message, writer));
    FUZZ_CHECK(writer.size() == reader.offset());
    FUZZ_CHECK(
        std::memcmp(again.data() + before, record.data() + before, reader.offset() - before) == 0);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > ipc::kMaxRecord) return 0;
  const Octets record(data + 1, size - 1);
  switch (data[0] % 7) {
    case 0:
      check<ipc::FrontendToUpstream>(record);
      break;
    case 1:
      check<ipc::UpstreamToFrontend>(record);
      break;
    case 2:
      check<ipc::UpstreamToConnector>(record);
      break;
    case 3:
      check<ipc::ConnectorToUpstream>(record);
      break;
    case 4:
      check<ipc::Order>(record);
      break;
    case 5:
      check<ipc::ControlToFrontend>(record);
      break;
    default:
      check<ipc::FrontendToControl>(record);
      break;
  }
  return 0;
}
