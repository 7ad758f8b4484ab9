// A datagram of the kernel's, cut off or not. Whatever matters must do so by its first octets
// alone, which are all that a connector can read.
#include "connector/network_notice.h"

#include "fuzz.h"
#include "ipc/descriptors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using dotkeep::connector::may_break_connections;
  const dotkeep::Octets whole(data, size);
  const bool found = may_break_connections(whole);
  FUZZ_CHECK(!found || size >= 24);
  if (size > dotkeep::ipc::kNetworkNotice && found) {
    FUZZ_CHECK(may_break_connections(whole.first(dotkeep::ipc::kNetworkNotice)));
  }
  return 0;
}
