// What a session costs, and what happens when there is no more: malloc is replaced by one that
// counts and can be told to fail. Allocation by `new` never fails here, as its failure ends a
// process; sessions keep it to small text for which memory is set aside.
#include <malloc.h>

#include <cstdio>
#include <cstdlib>

#include "tests/tls/support.h"

#if defined(__SANITIZE_ADDRESS__)
#define DOTKEEP_OWN_MALLOC 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define DOTKEEP_OWN_MALLOC 0
#endif
#endif
#if !defined(DOTKEEP_OWN_MALLOC)
#define DOTKEEP_OWN_MALLOC 1
#endif

#if DOTKEEP_OWN_MALLOC

// NOLINTBEGIN(bugprone-reserved-identifier, clang-analyzer-cplusplus.NewDelete): glibc's own names
// for what is replaced here; and the analyser takes the replacements for users of them.
extern "C" void* __libc_malloc(std::size_t);
extern "C" void* __libc_realloc(void*, std::size_t);
extern "C" void __libc_free(void*);

namespace {

bool g_counting = false;
long g_live = 0;
long g_peak = 0;
long g_calls = 0;
long g_fail_at = -1;  // the call that fails, and all after it
long g_fail_until = -1;

void count(long change) {
  g_live += change;
  if (g_live > g_peak) g_peak = g_live;
}
long size_of(void* block) {
  return static_cast<long>(malloc_usable_size(block));
}

// Whether this call is one that shall fail.
bool fails() {
  if (!g_counting) return false;
  const long call = g_calls++;
  return g_fail_at >= 0 && call >= g_fail_at && call < g_fail_until;
}

}  // namespace

extern "C" void* malloc(std::size_t size) {
  if (fails()) return nullptr;
  void* block = __libc_malloc(size);
  if (g_counting && block != nullptr) count(size_of(block));
  return block;
}
extern "C" void* realloc(void* old, std::size_t size) {
  if (fails()) return nullptr;
  const long before = old == nullptr ? 0 : size_of(old);
  void* block = __libc_realloc(old, size);
  if (g_counting && block != nullptr) count(size_of(block) - before);
  return block;
}
extern "C" void free(void* block) {
  if (g_counting && block != nullptr) count(-size_of(block));
  __libc_free(block);
}
void* operator new(std::size_t size) {
  void* block = __libc_malloc(size);
  if (block == nullptr) std::abort();
  if (g_counting) count(size_of(block));
  return block;
}
void operator delete(void* block) noexcept {
  std::free(block);
}
void operator delete(void* block, std::size_t /*size*/) noexcept {
  std::free(block);
}

namespace dotkeep::tls {
namespace {

using test::Certificates;
using test::Peer;

const Identity kName{"dns.example.net", {}, PostQuantum::prefer};

TEST(Memory, OneSession) {
  const Peer peer("good", {}, test::peer_program());
  const std::string pem = Certificates::get().pem("roots");
  g_live = g_peak = 0;
  g_counting = true;
  {
    const Context context = *Context::create(pem);
    const long shared = g_live;
    g_live = g_peak = g_calls = 0;
    auto session = *Session::client(context, kName);
    peer.handshake(session);
    const long handshake_peak = g_peak;
    const long handshake_calls = g_calls;
    ASSERT_EQ(session.phase(), Session::Phase::established);
    const long steady = g_live;
    g_calls = 0;
    for (int i = 0; i < 10; ++i) EXPECT_EQ(test::echo(session, peer, "hello"), "hello");
    const long calls = g_calls / 10;
    std::printf(
        "context of 3: %ld; session: peak %ld, steady %ld octets; %ld calls to connect, "
        "%ld for a record each way\n",
        shared, handshake_peak, steady, handshake_calls, calls);
    EXPECT_LT(handshake_peak, 131072);
    EXPECT_LT(steady, 32768);
    EXPECT_LE(g_live, steady + 16384) << "grows with use";
  }
  g_counting = false;
}

TEST(Memory, EveryAllocationMayFail) {
  const std::string pem = Certificates::get().pem("roots");
  const Context context = *Context::create(pem);
  int failed = 0;
  int misnamed = 0;
  // One failing call, then from that call on all of them.
  for (const long length : {1L, 1000000L}) {
    for (long at = 0; at < 1000; ++at) {
      const Peer peer("good", {}, test::peer_program());
      g_calls = 0;
      g_fail_at = at;
      g_fail_until = at + length;
      g_counting = true;
      auto session = Session::client(context, kName);
      bool reached = g_calls > at;
      if (session) {
        peer.handshake(*session);
        reached = g_calls > at;
        if (session->phase() == Session::Phase::established) {
          static_cast<void>(session->write(test::octets("hello")));
        }
      }
      g_counting = false;
      g_fail_at = -1;
      if (!reached) break;
      if (!session) {
        EXPECT_EQ(session.error().kind, FaultKind::resources) << at;
        ++failed;
      } else if (session->phase() == Session::Phase::failed) {
        // wolfSSL reports some of its own shortages as something else.
        misnamed += session->fault().kind == FaultKind::resources ? 0 : 1;
        ++failed;
      }
    }
  }
  EXPECT_LT(misnamed * 10, failed);
  EXPECT_GT(failed, 100);
}

// wolfSSL makes something for each certificate when a staple came, and a server decides where that
// ends.
TEST(Memory, AHandshakeThatEndsBetweenCertificatesLeavesNothing) {
  const Context context = *Context::create(Certificates::get().pem("ocsp_root"));
  const std::string staple = "staple=" + Certificates::get().path("ocsp_other_name.der");
  g_live = 0;
  for (int i = 0; i < 4; ++i) {
    const Peer peer("ocsp_other_name", {staple});
    if (i == 1) g_live = 0;  // what is made once was
    g_counting = true;
    {
      auto session = *Session::client(context, kName);
      peer.handshake(session);
      EXPECT_EQ(session.fault().kind, FaultKind::name_mismatch) << session.fault().detail;
    }
    g_counting = false;
  }
  EXPECT_EQ(g_live, 0);
}

}  // namespace
}  // namespace dotkeep::tls

#endif
