// What the TLS tests share: certificates made once per run, a real server at the other end of a
// socket pair, and the pump between it and a Session.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tls/anchors.h"
#include "tls/crypto.h"
#include "tls/session.h"

namespace dotkeep::tls::test {

using Bytes = std::vector<std::uint8_t>;

inline std::filesystem::path folder() {
  return std::filesystem::path(__FILE__).parent_path();
}

// Starts a program; `standard_input` becomes its descriptor 0. Its complaints are not shown.
inline pid_t start(const std::vector<std::string>& words, int standard_input) {
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid == 0) {
    const int quiet = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (quiet < 0) _exit(127);
    dup2(standard_input >= 0 ? standard_input : quiet, 0);
    dup2(quiet, 1);
    if (std::getenv("TLS_TEST_LOUD") == nullptr) dup2(quiet, 2);
    execv(argv[0], argv.data());
    _exit(127);
  }
  return pid;
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Certificates by make_certs.py, in a folder of the build tree: made by whichever test comes first
// and used by all of the next hours, since ctest runs each test as a process of its own.
class Certificates {
 public:
  static const Certificates& get() {
    static const Certificates one;
    return one;
  }

  [[nodiscard]] std::string path(const std::string& file) const {
    return (folder_ / file).string();
  }
  [[nodiscard]] std::string pem(const std::string& name) const {
    return read_file(folder_ / (name + ".pem"));
  }
  [[nodiscard]] std::vector<Bytes> chain(const std::string& name) const {
    const std::string text = pem(name);
    std::string_view rest = text;
    std::vector<Bytes> list;
    for (Bytes der; next_pem(rest, der);) list.push_back(der);
    return list;
  }
  [[nodiscard]] Pin pin(const std::string& name, std::size_t index = 0) const {
    const auto list = chain(name);
    return sha256(parse_certificate(list.at(index))->spki);
  }

 private:
  Certificates() {
    namespace fs = std::filesystem;
    const fs::path build = fs::read_symlink("/proc/self/exe").parent_path().parent_path();
    const fs::path script = folder() / "make_certs.py";
    folder_ = build / "tls-certificates";
    const fs::path lock = build / "tls-certificates.lock";
    const int fd = open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    EXPECT_EQ(flock(fd, LOCK_EX), 0);
    const fs::path last = folder_ / "roots.pem";  // written last
    const auto fresh = fs::file_time_type::clock::now() - std::chrono::hours(6);
    if (!fs::exists(last) || fs::last_write_time(last) < fresh ||
        fs::last_write_time(last) < fs::last_write_time(script) ||
        fs::last_write_time(last) < fs::last_write_time(folder() / "ocsp_table.py") ||
        fs::last_write_time(last) < fs::last_write_time(folder() / "auth_table.py")) {
      fs::remove_all(folder_);
      fs::create_directory(folder_);
      int status = -1;
      waitpid(start({"/usr/bin/python3", "-B", script.string(), folder_.string()}, -1), &status, 0);
      EXPECT_EQ(status, 0) << script;
    }
    ::close(fd);
  }

  std::filesystem::path folder_;
};

// tests/tls/peer.cc, built beside this program.
inline std::string peer_program() {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "tls_peer").string();
}

// The files NAME.pem and NAME.key served by peer.py (or another program with the same arguments).
class Peer {
 public:
  explicit Peer(const std::string& name, const std::vector<std::string>& options = {},
                const std::string& program = (folder() / "peer.py").string()) {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    const auto& certificates = Certificates::get();
    std::vector<std::string> words;
    if (program.ends_with(".py")) words = {"/usr/bin/python3", "-B"};
    words.push_back(program);
    words.push_back(certificates.path(name + ".pem"));
    words.push_back(certificates.path(name + ".key"));
    words.insert(words.end(), options.begin(), options.end());
    pid_ = start(words, ends[1]);
    ::close(ends[1]);
    fd_ = ends[0];
    const timeval limit{20, 0};  // a stuck peer fails a test, it does not stop the run
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  // The near end of a connection that somebody else serves.
  explicit Peer(int fd) : fd_(fd) {}
  ~Peer() {
    ::close(fd_);
    if (pid_ > 0) waitpid(pid_, nullptr, 0);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // Sends what the session wants sent.
  void flush(Session& session) const {
    while (!session.output().empty()) {
      const auto count = send(fd_, session.output().data(), session.output().size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      session.consume_output(static_cast<std::size_t>(count));
    }
  }

  // One receive, fed in pieces of `piece` octets. False at the stream's end.
  bool receive(Session& session, std::size_t piece = 65536) const {
    Bytes buffer(65536);
    const auto count = recv(fd_, buffer.data(), buffer.size(), 0);
    if (count <= 0) {
      session.feed_end();
      return false;
    }
    Octets rest(buffer.data(), static_cast<std::size_t>(count));
    while (!rest.empty()) {
      const std::size_t size = std::min(piece, rest.size());
      EXPECT_TRUE(session.feed(rest.first(size)));
      rest = rest.subspan(size);
    }
    return true;
  }

  // One receive whose last octets never come, and then the stream's end.
  void receive_cut(Session& session, std::size_t missing) const {
    Bytes buffer(65536);
    const auto count = recv(fd_, buffer.data(), buffer.size(), 0);
    EXPECT_GT(count, static_cast<ssize_t>(missing));
    EXPECT_TRUE(session.feed(Octets(buffer).first(static_cast<std::size_t>(count) - missing)));
    session.feed_end();
  }

  void handshake(Session& session, std::size_t piece = 65536) const {
    flush(session);
    while (session.phase() == Session::Phase::handshaking && receive(session, piece)) {
      if (session.phase() != Session::Phase::failed) flush(session);
    }
  }

 private:
  int fd_ = -1;
  pid_t pid_ = -1;
};

// peer.py once for many connections: a process for each would cost a second for
// every twenty. It also keeps the keys of its tickets from one connection to the next.
class StandingServer {
 public:
  StandingServer() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
    pid_ = start({"/usr/bin/python3", "-B", (folder() / "peer.py").string(), "many"}, ends[1]);
    ::close(ends[1]);
    fd_ = ends[0];
  }
  ~StandingServer() {
    ::close(fd_);
    waitpid(pid_, nullptr, 0);
  }
  StandingServer(const StandingServer&) = delete;
  StandingServer& operator=(const StandingServer&) = delete;

  // The near end of a connection that is served as `name` with these options of peer.py.
  [[nodiscard]] int connect(const std::string& name, const std::vector<std::string>& options = {}) {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    const auto& certificates = Certificates::get();
    std::string words = certificates.path(name + ".pem") + "\n" + certificates.path(name + ".key");
    for (const auto& option : options) words += "\n" + option;
    iovec vector{words.data(), words.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr header{};
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* c = CMSG_FIRSTHDR(&header);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(c), &ends[1], sizeof(int));
    EXPECT_EQ(sendmsg(fd_, &header, MSG_NOSIGNAL), static_cast<ssize_t>(words.size()));
    ::close(ends[1]);
    const timeval limit{20, 0};
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return ends[0];
  }

 private:
  int fd_ = -1;
  pid_t pid_ = -1;
};

inline Octets octets(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Writes, flushes, reads as much as was written.
inline std::string echo(Session& session, const Peer& peer, std::string_view text) {
  EXPECT_TRUE(session.write(octets(text)));
  peer.flush(session);
  std::string back;
  Bytes buffer(65536);
  while (back.size() < text.size() && session.phase() == Session::Phase::established) {
    const std::size_t count = session.read(buffer);
    back.append(reinterpret_cast<const char*>(buffer.data()), count);
    if (count == 0 && !peer.receive(session)) break;
  }
  return back;
}

}  // namespace dotkeep::tls::test
