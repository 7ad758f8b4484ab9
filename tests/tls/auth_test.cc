// The table of auth_table.py, row by row over real handshakes: who must be believed, and who not
// and why not.
#include <gmock/gmock.h>

#include <cstdio>
#include <map>
#include <sstream>

#include "tests/tls/attempt.h"

namespace dotkeep::tls {
namespace {

using test::Certificates;
using test::Peer;

struct Row {
  std::string name;
  std::string faults;  // words of FaultKind, separated by commas: any of them; or "none"
  Identity identity;
  std::string ca_file;
};

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, by);) parts.push_back(part);
  return parts;
}

Pin pin_of_hex(const std::string& hex) {
  Pin pin{};
  for (std::size_t i = 0; i < pin.size(); ++i) {
    pin[i] = static_cast<std::uint8_t>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
  }
  return pin;
}

std::vector<Row> table() {
  std::vector<Row> rows;
  std::istringstream in(test::read_file(Certificates::get().path("auth_table.tsv")));
  for (std::string line; std::getline(in, line);) {
    const auto fields = split(line, '\t');
    Row row{fields.at(0), fields.at(1), {fields.at(2), {}, PostQuantum::prefer}, fields.at(4)};
    for (const auto& hex : split(fields.at(3), ',')) row.identity.pins.push_back(pin_of_hex(hex));
    rows.push_back(row);
  }
  return rows;
}

const Context& context_of(const std::string& ca_file) {
  static std::map<std::string, Context> made;
  auto found = made.find(ca_file);
  if (found == made.end()) {
    found = made.emplace(ca_file, *Context::create(Certificates::get().pem(ca_file))).first;
  }
  return found->second;
}

TEST(Authentication, EveryVerdictOfTheTable) {
  test::StandingServer server;
  int good = 0;
  int bad = 0;
  for (const Row& row : table()) {
    SCOPED_TRACE(row.name);
    const Peer peer(server.connect("auth_" + row.name));
    auto session = *Session::client(context_of(row.ca_file), row.identity);
    peer.handshake(session);
    if (row.faults == "none") {
      ++good;
      EXPECT_EQ(session.phase(), Session::Phase::established)
          << to_string(session.fault().kind) << ": " << session.fault().detail;
      if (session.phase() == Session::Phase::established) {
        EXPECT_EQ(test::echo(session, peer, "hello"), "hello");
      }
    } else {
      ++bad;
      EXPECT_EQ(session.phase(), Session::Phase::failed);
      EXPECT_THAT(split(row.faults, ','), testing::Contains(to_string(session.fault().kind)))
          << session.fault().detail;
      test::expect_only_an_alert(session);
    }
  }
  std::printf("%d good and %d bad chains over real handshakes\n", good, bad);
  EXPECT_GE(good, 40);
  EXPECT_GE(bad, 90);
}

}  // namespace
}  // namespace dotkeep::tls
