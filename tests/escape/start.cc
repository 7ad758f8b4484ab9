#include "escape/start.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/fd.h"
#include "base/memfd.h"
#include "base/shared_memory.h"
#include "ipc/counter_page.h"
#include "ipc/descriptors.h"
#include "ipc/process_page.h"
#include "ipc/shared_limits.h"
#include "ipc/tool_descriptors.h"
#include "ipc/upstream_page.h"

namespace dotkeep::escape {
namespace {

constexpr uid_t kNobody = 65534;
constexpr int kAside = 200;
constexpr const char* kPin = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

// As an operator would write it. The one port that the connector may reach is not the server's.
std::string config_text() {
  return std::string(
             "[[listen]]\naddress = \"127.0.0.1:5353\"\n[[upstream]]\naddress = "
             "\"127.0.0.1:1\"\npins = [\"") +
         kPin + "\"]\n[limits]\npending = 1024\ntcp_clients = 64\n[log]\nlevel = \"error\"\n";
}

// Lays `fd` at `number`, from far above so that none is overwritten before it was copied.
void at(int number, int fd) {
  if (::dup2(fd, number) < 0) ::_exit(70);
}

int aside(int fd) {
  const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, kAside);
  if (moved < 0) ::_exit(71);
  return moved;
}

int pair_end(int type) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, type, 0, ends.data()) != 0) ::_exit(72);
  static_cast<void>(aside(ends[1]));  // the peer lives as long as the attempt
  return aside(ends[0]);
}

// The connector's end of a wall whose record brings a connection.
int wall_with(int connected) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends.data()) != 0) ::_exit(73);
  char octet = 0;
  iovec vector{&octet, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const c = CMSG_FIRSTHDR(&message);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(c), &connected, sizeof connected);
  if (::sendmsg(ends[1], &message, 0) < 0) ::_exit(74);
  static_cast<void>(aside(ends[1]));
  return aside(ends[0]);
}

int connected(int type, std::uint16_t port) {
  const int fd = ::socket(AF_INET, type, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) ::_exit(75);
  return aside(fd);
}

int listener(int type) {
  const int fd = ::socket(AF_INET, type, 0);
  sockaddr_in at_any{};
  at_any.sin_family = AF_INET;
  at_any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&at_any), sizeof at_any) != 0) ::_exit(76);
  if (type == SOCK_STREAM) ::listen(fd, 4);
  return aside(fd);
}

int memfd(const std::string& text) {
  auto made = make_sealed_memfd("escape", text);
  if (!made) ::_exit(79);
  return aside(made->release());
}

int shared_memfd(std::size_t size) {
  auto made = make_shared_memfd("escape", size);
  if (!made) ::_exit(79);
  return aside(made->release());
}

}  // namespace

Surroundings::Surroundings() {
  std::array<char, 64> path{"/tmp/dotkeep-escape-XXXXXX"};
  if (::mkdtemp(path.data()) == nullptr) std::abort();
  folder_ = path.data();
  if (::geteuid() == 0 && ::chown(folder_.c_str(), kNobody, kNobody) != 0) std::abort();
  server_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(server_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::listen(server_, 4096) != 0 ||
      ::getsockname(server_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  sibling_ = ::fork();
  if (sibling_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::geteuid() == 0 && ::setresuid(kNobody, kNobody, kNobody) != 0) ::_exit(1);
    ::prctl(PR_SET_DUMPABLE, 1);  // changing the account took it
    while (true) ::pause();
  }
}

Surroundings::~Surroundings() {
  ::kill(sibling_, SIGKILL);
  ::waitpid(sibling_, nullptr, 0);
  for (const char* name :
       {"there", "old", "older", "gone", "new", "created", "fifo", "symlink", "link"}) {
    ::unlink((folder_ + "/" + name).c_str());
  }
  ::rmdir((folder_ + "/folder").c_str());
  ::rmdir(folder_.c_str());
}

void Surroundings::lay_out(const Program& program, bool sealed) const {
  const int null = aside(::open("/dev/null", O_RDWR));
  const int log = aside(sealed ? ::open("/dev/null", O_RDWR) : STDERR_FILENO);
  if (!sealed) {
    const int socket = program.room == kFrontend || program.room == kHealth
                           ? listener(SOCK_DGRAM)
                           : connected(SOCK_STREAM, port_);
    at(0, null);
    at(1, null);
    at(3, socket);
    ::fcntl(3, F_SETFD, 0);
    return;
  }
  if (program.room == kProbe) {
    const int trust = memfd("");
    const int socket = connected(SOCK_STREAM, port_);
    at(probe::kTrustFd, trust);
    at(probe::kSocketFd, socket);
  } else if (program.room == kHealth) {
    at(health::kSocketFd, connected(SOCK_DGRAM, port_));
  } else {
    const int config = memfd(config_text());
    const int trust = memfd("");
    const int orders = pair_end(SOCK_SEQPACKET | SOCK_NONBLOCK);
    const int first_wall = program.room == kUpstream ? wall_with(connected(SOCK_STREAM, port_))
                                                     : pair_end(SOCK_SEQPACKET | SOCK_NONBLOCK);
    const int second =
        program.room == kUpstream ? pair_end(SOCK_SEQPACKET | SOCK_NONBLOCK) : listener(SOCK_DGRAM);
    const int third = listener(SOCK_STREAM);
    const int limits = shared_memfd(sizeof(ipc::SharedLimits));
    const int counters = shared_memfd(sizeof(ipc::CounterPage));
    const int servers = shared_memfd(sizeof(ipc::UpstreamPage));
    const int processes = shared_memfd(sizeof(ipc::ProcessPage));
    const int control_wall = pair_end(SOCK_SEQPACKET | SOCK_NONBLOCK);
    at(ipc::kConfigFd, config);
    at(ipc::kOrdersFd, orders);
    at(ipc::kTrustFd, trust);
    at(ipc::kUnsealedFd, null);
    if (program.room != kControl) at(ipc::kFirstWallFd, first_wall);
    if (program.room == kUpstream) {
      at(ipc::kFirstWallFd + 1, second);
      at(ipc::kServersFd, servers);
    }
    if (program.room == kControl) {
      at(ipc::kMetricsSocketFd, third);
      at(ipc::kProcessPageFd, processes);
      at(ipc::kUpstreamPageFd, servers);
      at(ipc::kFirstControlWallFd, control_wall);
      at(ipc::kFirstControlWallFd + 1, counters);
    }
    if (program.room == kFrontend) {
      at(ipc::kControlWallFd, control_wall);
      at(ipc::kLimitsFd, limits);
      at(ipc::kCountersFd, counters);
      at(ipc::kFirstListenerFd, second);
      at(ipc::kFirstListenerFd + 1, third);
    }
  }
  at(0, null);
  at(1, null);
  at(2, log);
}

Ending Surroundings::make(const Program& program, std::size_t number, bool sealed,
                          const std::string& folder) {
  for (const char* name : {"there", "old", "gone"}) {
    const int fd = ::open((folder_ + "/" + name).c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0 || (::geteuid() == 0 && ::fchown(fd, kNobody, kNobody) != 0))
      return Ending::not_tried;
    ::close(fd);
  }
  for (const char* name : {"new", "created", "fifo", "symlink", "link"}) {
    ::unlink((folder_ + "/" + name).c_str());
  }
  ::rmdir((folder_ + "/folder").c_str());
  const std::string order = std::string(kOrderVariable) + "=" + std::to_string(number) + " " +
                            std::to_string(sibling_) + " " + std::to_string(port_) + " " + folder_;
  const std::string path =
      folder + (sealed ? "/dotkeep-" : "/") + (sealed ? program.name : "unsealed");
  const std::string room = std::to_string(program.room);
  std::array<const char*, 8> words = {path.c_str(), nullptr};
  if (!sealed) words[1] = room.c_str();
  if (sealed && program.room == kFrontend)
    words = {path.c_str(), "0", "1", "2", "0", "none", nullptr};
  if (sealed && program.room == kUpstream) words = {path.c_str(), "1", "none", nullptr};
  if (sealed && program.room == kControl) words = {path.c_str(), "1", "2", "none", nullptr};
  if (sealed && program.room == kProbe) {
    words = {path.c_str(), "report", "x", "dns.example.net", "0000", nullptr};
  }
  if (sealed && program.room == kConnector) words = {path.c_str(), "0", "none", nullptr};
  // Opened first: the tree may lie in a folder that is closed to nobody.
  const Fd opened(::open(path.c_str(), O_PATH | O_CLOEXEC));
  const pid_t child = ::fork();
  if (child == 0) {
    const int executable = aside(opened.get());
    if (::geteuid() == 0 && ::setresuid(kNobody, kNobody, kNobody) != 0) ::_exit(80);
    lay_out(program, sealed);
    std::array<char*, 2> environment = {const_cast<char*>(order.c_str()), nullptr};
    ::execveat(executable, "", const_cast<char**>(words.data()), environment.data(), AT_EMPTY_PATH);
    ::_exit(81);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return Ending::not_tried;
  if (WIFSIGNALED(status)) {
    return WTERMSIG(status) == SIGSYS ? Ending::killed_by_filter : Ending::killed;
  }
  switch (WEXITSTATUS(status)) {
    case 0:  // another program ran in its place
    case kSucceeded:
      return Ending::succeeded;
    case kRefused:
      return Ending::refused;
    case kNoSuchAttempt:
      return Ending::no_such_attempt;
    default:
      return Ending::not_tried;
  }
}

}  // namespace dotkeep::escape
