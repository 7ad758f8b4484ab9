// A session that has gone as far as it goes with a server, and what may be said of it.
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/tls/support.h"

namespace dotkeep::tls::test {

inline const Context& context() {
  static const Context one = *Context::create(Certificates::get().pem("roots"));
  return one;
}

// A session that has gone as far as it goes.
struct Attempt {
  Identity identity;
  Peer peer;
  Session session;

  Attempt(const std::string& server, Identity who, const std::vector<std::string>& options = {},
          std::size_t piece = 65536)
      : identity(std::move(who)),
        peer(server, options),
        session(*Session::client(context(), identity)) {
    EXPECT_FALSE(session.write(octets("too early")));
    peer.handshake(session, piece);
  }
  [[nodiscard]] bool good() const { return session.phase() == Session::Phase::established; }
};

// After a fault nothing may be on its way but an alert, in the clear or sealed.
inline void expect_only_an_alert(Session& session) {
  const Octets output = session.output();
  EXPECT_TRUE(output.empty() || (output.size() == 7 && output[0] == 21) ||
              (output.size() == 24 && output[0] == 23))
      << output.size();
  EXPECT_FALSE(session.write(octets("never")));
  Bytes buffer(16);
  EXPECT_EQ(session.read(buffer), 0U);
}

inline void expect_fault(const std::string& server, const Identity& identity, FaultKind kind,
                         const std::string& detail, const std::vector<std::string>& options = {}) {
  SCOPED_TRACE(server);
  Attempt attempt(server, identity, options);
  EXPECT_EQ(attempt.session.phase(), Session::Phase::failed);
  EXPECT_STREQ(to_string(attempt.session.fault().kind), to_string(kind))
      << attempt.session.fault().detail;
  EXPECT_THAT(attempt.session.fault().detail, testing::HasSubstr(detail));
  expect_only_an_alert(attempt.session);
}

inline const Identity kName{"dns.example.net", {}, PostQuantum::prefer};

}  // namespace dotkeep::tls::test
