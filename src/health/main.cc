// dotkeep-health: asks the dotkeep at the other end of its socket for the root's NS records, which
// every resolver knows. Exit 0 when they came, else 1 with one line that says what came instead.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

#include "base/bytes.h"
#include "base/random.h"
#include "base/time.h"
#include "dns/reply.h"
#include "ipc/tool_descriptors.h"
#include "policy/policies.h"
#include "sandbox/sandbox.h"

namespace {

using namespace dotkeep;

constexpr Duration kPatience = std::chrono::seconds(5);  // the default of query.timeout
constexpr Duration kAgain = std::chrono::seconds(1);     // UDP may lose the first
constexpr std::size_t kMemory = 4U << 20;

int say(const std::string& text) {
  const std::string line = "dotkeep health: " + text + "\n";
  static_cast<void>(!::write(STDERR_FILENO, line.data(), line.size()));
  return 1;
}

std::size_t make_query(std::uint16_t id, MutableOctets out) {
  Writer writer(out);
  writer.u16(id);
  writer.u16(0x0100);  // RD
  writer.u16(1);
  writer.zeros(6);
  writer.u8(0);  // the root
  writer.u16(static_cast<std::uint16_t>(dns::Type::NS));
  writer.u16(dns::kClassIn);
  return writer.size();
}

// A SERVFAIL is dotkeep's own word: it says in an Extended DNS Error (RFC 8914) what happened.
std::string why(dns::ReplyFault fault, const dns::ReplyScratch& scratch) {
  if (fault != dns::ReplyFault::upstream_servfail) return dns::to_string(fault);
  std::string text = "SERVFAIL";
  for (const dns::Ede& ede : dns::last_edes(scratch)) {
    text += ", Extended DNS Error " + std::to_string(static_cast<unsigned>(ede.code));
  }
  return text;
}

}  // namespace

int main() {
  const std::array<int, 1> given = {health::kSocketFd};
  const auto only_given = sandbox::keep_only(given);
  if (!only_given) return 69;
  if (!sandbox::reserve_memory(kMemory)) return 71;
  const dns::ReplyScratchPtr scratch = dns::make_reply_scratch();
  Random random;
  const auto sealed = sandbox::seal(policy::kHealth, *only_given);
  if (!sealed) return say("cannot be sealed");

  dns::Asked asked;
  asked.id = random.u16();
  asked.question.type = dns::Type::NS;
  std::array<std::uint8_t, 64> query{};
  const std::size_t size = make_query(asked.id, query);
  std::array<std::uint8_t, 4096> reply{};
  const Time deadline = monotonic_now() + kPatience;
  while (monotonic_now() < deadline) {
    if (::send(health::kSocketFd, query.data(), size, MSG_NOSIGNAL) < 0)
      return say("nothing listens there");
    pollfd wait{health::kSocketFd, POLLIN, 0};
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(kAgain).count();
    if (::poll(&wait, 1, static_cast<int>(ms)) <= 0) continue;
    const ssize_t got = ::recv(health::kSocketFd, reply.data(), reply.size(), MSG_DONTWAIT);
    if (got < 0) return say("nothing listens there");
    const auto checked =
        dns::check_reply(asked, Octets(reply).first(static_cast<std::size_t>(got)), *scratch);
    if (checked || checked.error() == dns::ReplyFault::truncated_flag) return 0;
    if (checked.error() == dns::ReplyFault::id_mismatch) continue;
    return say("not healthy: " + why(checked.error(), *scratch));
  }
  return say("no answer in 5 s");
}
