// Linked into a test build of each worker: the program is the product's own, with its own main()
// and its own seal, until it would begin to serve. Then, where it was told to, it attempts
// something instead.
//
// The linker's --wrap puts these functions in the place of the product's, which they call.
#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/memfd.h"
#include "escape/attempt.h"
#include "escape/hostile.h"
#include "ipc/descriptors.h"
#include "ipc/tool_descriptors.h"
#include "sandbox/sandbox.h"
#ifdef STAND_IN_FRONTEND
#include "dns/query.h"
#include "escape/planted.h"
#endif

namespace dotkeep {
namespace ipc {
class Loop;
}

std::expected<sandbox::OnlyGiven, sandbox::SealError> real_keep_only(std::span<const int> fds) asm(
    "__real__ZN7dotkeep7sandbox9keep_onlyESt4spanIKiLm18446744073709551615EE");
std::expected<sandbox::OnlyGiven, sandbox::SealError>
wrapped_keep_only(std::span<const int> fds) asm(
    "__wrap__ZN7dotkeep7sandbox9keep_onlyESt4spanIKiLm18446744073709551615EE");

namespace {

escape::World world{};
std::size_t number = 0;
bool ordered = false;
std::string word;  // what to do to the neighbours
constexpr std::size_t kMaxConfig = 1U << 20;

// The upstream room holds no connection until the connector hands it one; `dotkeep-escape` does.
[[maybe_unused]] int handed_over(int wall) {
  std::array<char, 256> octets{};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  iovec vector{octets.data(), octets.size()};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  int fd = -1;
  if (::recvmsg(wall, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) > 0) {
    if (const cmsghdr* const c = CMSG_FIRSTHDR(&message)) std::memcpy(&fd, CMSG_DATA(c), sizeof fd);
  }
  return fd;
}

}  // namespace

std::expected<sandbox::OnlyGiven, sandbox::SealError> wrapped_keep_only(std::span<const int> fds) {
  ordered = escape::take_order(std::getenv(escape::kOrderVariable), world, number);
#if defined(STAND_IN_ROOM)
  if (const auto config = read_whole(ipc::kConfigFd, kMaxConfig)) {
    word = escape::hostile_word(*config, STAND_IN_NAME);
  }
#endif
  return real_keep_only(fds);
}

#if defined(STAND_IN_ROOM)

// The moment after which the product reads its first hostile octet.
void real_run(ipc::Loop* loop, const sandbox::Sealed& sealed) asm(
    "__real__ZN7dotkeep3ipc4Loop3runERKNS_7sandbox6SealedE");
void wrapped_run(ipc::Loop* loop, const sandbox::Sealed& sealed) asm(
    "__wrap__ZN7dotkeep3ipc4Loop3runERKNS_7sandbox6SealedE");

#if defined(STAND_IN_FRONTEND)
constexpr escape::Room kRoom = escape::kFrontend;

std::expected<dns::Query, dns::Rejection> real_parse(Octets message) asm(
    "__real__ZN7dotkeep3dns11parse_queryESt4spanIKhLm18446744073709551615EE");
std::expected<dns::Query, dns::Rejection> wrapped_parse(Octets message) asm(
    "__wrap__ZN7dotkeep3dns11parse_queryESt4spanIKhLm18446744073709551615EE");

std::expected<dns::Query, dns::Rejection> wrapped_parse(Octets message) {
  if (word == "planted") escape::parse_with_a_hole(message);
  return real_parse(message);
}
#elif defined(STAND_IN_UPSTREAM)
constexpr escape::Room kRoom = escape::kUpstream;
#elif defined(STAND_IN_CONTROL)
constexpr escape::Room kRoom = escape::kControl;
#else
constexpr escape::Room kRoom = escape::kConnector;
#endif

void wrapped_run(ipc::Loop* loop, const sandbox::Sealed& sealed) {
  if (!word.empty()) escape::misbehave(kRoom, word);
  if (!ordered) {
    real_run(loop, sealed);
    return;
  }
  world.wall = kRoom == escape::kControl ? ipc::kFirstControlWallFd : ipc::kFirstWallFd;
  world.room = kRoom;
  if (kRoom == escape::kFrontend) world.socket = ipc::kFirstListenerFd;
  if (kRoom == escape::kControl) world.socket = ipc::kMetricsSocketFd;
  if (kRoom == escape::kUpstream) world.socket = handed_over(ipc::kFirstWallFd);
  escape::make_attempt(world, number);
}

#else

// The tools have no loop: they serve from the seal on.
std::expected<sandbox::Sealed, sandbox::SealError>
real_seal(const sandbox::Policy& policy, const sandbox::OnlyGiven& given, const sandbox::Grants& grants) asm(
    "__real__ZN7dotkeep7sandbox4sealERKNS0_6PolicyERKNS0_9OnlyGivenERKNS0_6GrantsE");
std::expected<sandbox::Sealed, sandbox::SealError>
wrapped_seal(const sandbox::Policy& policy, const sandbox::OnlyGiven& given, const sandbox::Grants& grants) asm(
    "__wrap__ZN7dotkeep7sandbox4sealERKNS0_6PolicyERKNS0_9OnlyGivenERKNS0_6GrantsE");

std::expected<sandbox::Sealed, sandbox::SealError> wrapped_seal(const sandbox::Policy& policy,
                                                                const sandbox::OnlyGiven& given,
                                                                const sandbox::Grants& grants) {
  auto sealed = real_seal(policy, given, grants);
  if (!ordered || !sealed) return sealed;
#if defined(STAND_IN_PROBE)
  world.room = escape::kProbe;
  world.socket = probe::kSocketFd;
#else
  world.room = escape::kHealth;
  world.socket = health::kSocketFd;
#endif
  escape::make_attempt(world, number);
}

#endif

}  // namespace dotkeep
