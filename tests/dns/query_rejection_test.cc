// What is not accepted, by the rows of docs/accepted.md: every RejectionKind, and what stays
// readable.
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "dns/edns.h"
#include "dns/query.h"
#include "tests/dns/client_message.h"

namespace dotkeep::dns {

// gtest prints a failure by it.
void PrintTo(RejectionKind kind, std::ostream* out) {
  *out << to_string(kind);
}

namespace {

struct Row {
  const char* what;
  RejectionKind kind;
  std::function<Bytes()> message;
};

// A message with one thing changed.
std::function<Bytes()> with(const std::function<void(ClientMessage&)>& change) {
  return [change] {
    ClientMessage message;
    change(message);
    return message.octets();
  };
}
std::function<Bytes()> asking(unsigned type, std::uint16_t question_class = kClassIn) {
  return with([=](ClientMessage& m) { m.ask(name("x"), static_cast<Type>(type), question_class); });
}
std::function<Bytes()> question(std::string_view hex) {
  return with([=](ClientMessage& m) { m.question = from_hex(hex); });
}
std::function<Bytes()> opt(const Bytes& options, std::uint32_t ttl = 0) {
  return with([=](ClientMessage& m) { m.add_opt(options, 1232, ttl); });
}

const Bytes kRoot = from_hex("00");
const Bytes kOwner = from_hex("016100");

std::vector<Row> rows() {
  using enum RejectionKind;
  std::vector<Row> table{
      {"nothing", too_short, [] { return Bytes(); }},
      {"11 octets", too_short, [] { return Bytes(11); }},
      {"QR", is_response, with([](ClientMessage& m) { m.flags = 0x8000; })},
      {"QR with an error", is_response, with([](ClientMessage& m) { m.flags = 0x8185; })},
      {"QR and nothing else right", is_response, [] { return Bytes(12, 0xff); }},

      {"no question", question_count,
       with([](ClientMessage& m) { m.qdcount = 0, m.question.clear(); })},
      {"two questions", question_count, with([](ClientMessage& m) { m.qdcount = 2; })},
      {"65535 questions", question_count, with([](ClientMessage& m) { m.qdcount = 65535; })},
      {"an answer", records_in_query, with([](ClientMessage& m) { m.ancount = 1; })},
      {"65535 answers", records_in_query, with([](ClientMessage& m) { m.ancount = 65535; })},
      {"authority", records_in_query, with([](ClientMessage& m) { m.nscount = 1; })},

      {"reserved label type 0x40", bad_name, question("40 00 0001 0001")},
      {"reserved label type 0x80", bad_name, question("80 00 0001 0001")},
      {"a pointer", bad_name, question("c00c 0001 0001")},
      {"a pointer after a label", bad_name, question("0161 c00c 0001 0001")},
      {"a name cut short", bad_name, question("0161")},
      {"a label cut short", bad_name, question("0561")},
      {"the name of the additional record", bad_name,
       with([](ClientMessage& m) { m.add_record(from_hex("40 00"), Type::OPT, 0, 0, {}); })},
      {"its name cut short", bad_name,
       with([](ClientMessage& m) { m.additional = from_hex("0261"), m.arcount = 1; })},
      {"its pointer cut short", bad_name,
       with([](ClientMessage& m) { m.additional = from_hex("c0"), m.arcount = 1; })},

      {"no question where one is counted", truncated, question("")},
      {"question without type", truncated, question("00")},
      {"question without class", truncated, question("00 0001")},
      {"question with half a class", truncated, question("00 0001 00")},
      {"no record where one is counted", truncated, with([](ClientMessage& m) { m.arcount = 1; })},
      {"OPT without RDLENGTH", truncated, with([](ClientMessage& m) {
         m.additional = from_hex("00 0029 04d0 00000000"), m.arcount = 1;
       })},
      {"OPT with RDLENGTH past the end", truncated, with([](ClientMessage& m) {
         m.additional = from_hex("00 0029 04d0 00000000 0001"), m.arcount = 1;
       })},
      {"second record missing", truncated, with([](ClientMessage& m) { m.add_opt().arcount = 2; })},

      {"an A record", additional_not_opt,
       with([](ClientMessage& m) { m.add_record(kOwner, Type::A, 1, 0, from_hex("7f000001")); })},
      {"a TSIG", additional_not_opt,
       with([](ClientMessage& m) { m.add_record(kOwner, Type::TSIG, 255, 0, {}); })},
      {"a record at a pointer", additional_not_opt,
       with([](ClientMessage& m) { m.add_record(from_hex("c00c"), Type::A, 1, 0, {}); })},
      {"OPT then TSIG", additional_not_opt,
       with([](ClientMessage& m) { m.add_opt().add_record(kOwner, Type::TSIG, 255, 0, {}); })},
      {"A then OPT", additional_not_opt,
       with([](ClientMessage& m) { m.add_record(kOwner, Type::A, 1, 0, {}).add_opt(); })},
      {"three OPTs", additional_not_opt,
       with([](ClientMessage& m) { m.add_opt().add_opt().add_opt(); })},
      {"65535 records that are not there", additional_not_opt,
       with([](ClientMessage& m) { m.arcount = 65535; })},
      {"two OPTs", second_opt, with([](ClientMessage& m) { m.add_opt().add_opt(); })},

      {"OPT with an owner", opt_owner,
       with([](ClientMessage& m) { m.add_record(kOwner, Type::OPT, 1232, 0, {}); })},
      {"OPT with a pointer", opt_owner,
       with([](ClientMessage& m) { m.add_record(from_hex("c00c"), Type::OPT, 1232, 0, {}); })},

      {"half an option", opt_options, opt(from_hex("000c 00"))},
      {"an option past the RDATA", opt_options, opt(from_hex("000c 0001"))},
      {"an option past it after a good one", opt_options, opt(from_hex("000c 0000 000c 0002 00"))},
      {"a bad cookie and an overrun", opt_options, opt(from_hex("000a 0001 00 000c 0001"))},
      {"a cookie of 7", opt_cookie, opt(option(EdnsOption::cookie, "11111111111111"))},
      {"a cookie of 7 before a good one", opt_cookie,
       opt(from_hex("000a 0007 11111111111111 000a 0008 1111111111111111"))},

      {"an octet over", trailing_octets, with([](ClientMessage& m) { m.question.push_back(0); })},
      {"an octet over behind OPT", trailing_octets,
       with([](ClientMessage& m) { m.add_opt().additional.push_back(0); })},
      {"an OPT that ARCOUNT does not count", trailing_octets,
       with([](ClientMessage& m) { m.add_opt().arcount = 0; })},
      {"EDNS 1", edns_version, opt({}, 0x00010000)},
      {"EDNS 255", edns_version, opt({}, 0x00ff8000)},

      {"class 0", class_unsupported, asking(1, 0)},
      {"CH", class_unsupported, asking(16, 3)},
      {"HS", class_unsupported, asking(1, 4)},
      {"class NONE", class_unsupported, asking(1, 254)},
      {"class ANY", class_unsupported, asking(1, 255)},
      {"IN and a high bit", class_unsupported, asking(1, 0x8001)},
      {"ANY in CH", class_unsupported, asking(255, 3)},

      {"IXFR", zone_transfer, asking(251)},
      {"AXFR", zone_transfer, asking(252)},
      {"ANY", any_query, asking(255)},
  };
  for (const unsigned type : {0U, 24U, 25U, 30U, 41U}) {
    table.push_back({"refused type", type_refused, asking(type)});
  }
  for (unsigned type = 128; type < 255; ++type) {
    if (type == 251 || type == 252) continue;
    table.push_back({"meta type", type_refused, asking(type)});
  }
  for (unsigned opcode = 1; opcode < 16; ++opcode) {
    table.push_back({"opcode", opcode_unsupported, with([opcode](ClientMessage& m) {
                       m.flags = static_cast<std::uint16_t>(opcode << 11);
                     })});
  }
  return table;
}

TEST(QueryRejection, HasTheKindOfItsRow) {
  for (const Row& row : rows()) {
    const auto query = parse_query(row.message());
    ASSERT_FALSE(query) << row.what;
    EXPECT_EQ(query.error().kind, row.kind) << row.what;
  }
}

TEST(QueryRejection, EveryKindHasARow) {
  std::set<RejectionKind> seen;
  for (const Row& row : rows()) seen.insert(row.kind);
  EXPECT_EQ(seen.size(), kRejectionKinds);
}

TEST(QueryRejection, TooManyOptions) {
  Bytes options;
  for (std::size_t i = 0; i <= kMaxEdnsOptions; ++i) append(options, from_hex("fde9 0000"));
  EXPECT_EQ(parse_query(opt(options)()).error().kind, RejectionKind::opt_options);
}

TEST(QueryRejection, NameBoundsHoldInQuestionAndOwner) {
  const std::string label(63, 'a');
  const Name longest = name(label + "." + label + "." + label + "." + std::string(61, 'b'));
  Bytes wire(longest.wire().begin(), longest.wire().end());
  ClientMessage message;
  message.add_record(wire, Type::OPT, 1232, 0, {});
  EXPECT_EQ(parse_query(message.octets()).error().kind, RejectionKind::opt_owner);
  // One octet more in the last label: 256 octets.
  wire[192] = 62;
  wire.insert(wire.begin() + 193, 'b');
  ClientMessage owner;
  owner.add_record(wire, Type::OPT, 1232, 0, {});
  EXPECT_EQ(parse_query(owner.octets()).error().kind, RejectionKind::bad_name);
  ClientMessage asked;
  asked.question = wire;
  append(asked.question, from_hex("0001 0001"));
  EXPECT_EQ(parse_query(asked.octets()).error().kind, RejectionKind::bad_name);
}

// One message that is wrong in every way; what is named is the first, and mending it gives the
// next.
TEST(QueryRejection, NamesTheFirstFaultInTheOrderOfKinds) {
  using enum RejectionKind;
  ClientMessage message;
  message.flags = 0xa800;  // an answer to an UPDATE
  message.qdcount = 2;
  message.ancount = 1;
  message.question = from_hex("40 00fb 0003");
  message.add_record(kOwner, Type::A, 1, 0x00010000, from_hex("000a 0001 00 00"));
  message.arcount = 3;
  const auto expect = [&message](RejectionKind kind) {
    const auto query = parse_query(message.octets());
    ASSERT_FALSE(query);
    EXPECT_EQ(query.error().kind, kind);
  };
  expect(is_response);
  message.flags = 0x2800;
  expect(opcode_unsupported);
  message.flags = 0;
  expect(question_count);
  message.qdcount = 1;
  expect(records_in_query);
  message.ancount = 0;
  expect(bad_name);
  message.question = from_hex("00 00fc 0003");
  expect(additional_not_opt);
  message.arcount = 2;
  expect(truncated);
  message.arcount = 1;
  expect(additional_not_opt);
  message.additional[4] = 41;
  expect(opt_owner);
  message.additional.erase(message.additional.begin(), message.additional.begin() + 2);
  message.additional.push_back(0);
  expect(opt_options);
  message.additional.pop_back();
  message.additional.pop_back();
  message.additional[10] = 5;
  message.additional.push_back(0);
  expect(opt_cookie);
  message.additional[12] = 0x0c;
  expect(trailing_octets);
  message.additional.pop_back();
  expect(edns_version);
  message.additional[6] = 0;
  expect(class_unsupported);
  message.question = from_hex("00 00fc 0001");
  expect(zone_transfer);
  message.question = from_hex("00 0001 0001");
  EXPECT_TRUE(parse_query(message.octets()));
}

TEST(QueryRejection, KeepsWhatWasReadable) {
  ClientMessage message;
  message.flags = 0x0110;
  message.ask(name("eXample"), Type::ANY).add_opt({}, 900, 0x8000);
  const auto rejection = parse_query(message.octets()).error();
  EXPECT_EQ(rejection.id, 0xabcd);
  EXPECT_EQ(rejection.opcode, Opcode::query);
  EXPECT_TRUE(rejection.recursion_desired);
  EXPECT_TRUE(rejection.checking_disabled);
  ASSERT_TRUE(rejection.question);
  EXPECT_EQ(text(rejection.question->name), "eXample.");
  EXPECT_EQ(rejection.question->type, Type::ANY);
  EXPECT_EQ(rejection.question_class, kClassIn);
  ASSERT_TRUE(rejection.edns);
  EXPECT_EQ(rejection.edns->payload, 900);
  EXPECT_TRUE(rejection.edns->dnssec_ok);
}

TEST(QueryRejection, QuestionIsReadableWhateverElseIsWrong) {
  const auto has_question = [](const std::function<Bytes()>& message) {
    return parse_query(message()).error().question.has_value();
  };
  EXPECT_TRUE(has_question(with([](ClientMessage& m) { m.flags = 0x2800; })));
  EXPECT_TRUE(has_question(with([](ClientMessage& m) { m.ancount = 1; })));
  EXPECT_TRUE(has_question(with([](ClientMessage& m) { m.arcount = 1; })));
  EXPECT_TRUE(has_question(asking(1, 3)));
  EXPECT_FALSE(has_question(with([](ClientMessage& m) { m.qdcount = 2; })));
  EXPECT_FALSE(has_question(question("c00c 0001 0001")));
  EXPECT_FALSE(has_question(question("00 0001")));
  EXPECT_EQ(parse_query(asking(1, 3)()).error().question_class, 3);
}

TEST(QueryRejection, EdnsIsThereWhenTheOptWasReadable) {
  const auto has_edns = [](const std::function<Bytes()>& message) {
    return parse_query(message()).error().edns.has_value();
  };
  EXPECT_TRUE(has_edns(opt({}, 0x00010000)));
  EXPECT_TRUE(has_edns(opt(option(EdnsOption::cookie, "11"))));
  EXPECT_TRUE(has_edns(with([](ClientMessage& m) { m.add_opt().additional.push_back(0); })));
  EXPECT_FALSE(has_edns(opt(from_hex("000c 0001"))));
  EXPECT_FALSE(has_edns(with([](ClientMessage& m) { m.add_opt().add_opt(); })));
  EXPECT_FALSE(has_edns(with([](ClientMessage& m) { m.flags = 0x2800, m.add_opt(); })));
}

// Each prefix lies alone on the heap, so that a sanitizer sees a read beyond it.
TEST(QueryRejection, EveryPrefixOfAGoodMessageIsRejected) {
  ClientMessage message;
  Bytes options = option(EdnsOption::cookie, "1111111111111111");
  append(options, option(EdnsOption::padding, "0000"));
  const Bytes whole = message.add_opt(options).octets();
  ASSERT_TRUE(parse_query(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes prefix(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const auto query = parse_query(prefix);
    ASSERT_FALSE(query) << size;
    using enum RejectionKind;
    const RejectionKind kind = query.error().kind;
    if (size < 12) {
      EXPECT_EQ(kind, too_short) << size;
    } else if (size > 12 && size < 12 + 13) {
      EXPECT_EQ(kind, bad_name) << size;
    } else {
      EXPECT_EQ(kind, truncated) << size;
    }
  }
}

Rejection of_kind(RejectionKind kind) {
  Rejection rejection;
  rejection.kind = kind;
  return rejection;
}

TEST(Rejection, RcodesAreThoseOfTheTable) {
  using enum RejectionKind;
  const auto rcode = [](RejectionKind kind) { return of_kind(kind).rcode(); };
  EXPECT_EQ(rcode(opcode_unsupported), Rcode::notimp);
  for (auto kind = question_count; kind <= trailing_octets;
       kind = static_cast<RejectionKind>(static_cast<int>(kind) + 1)) {
    EXPECT_EQ(rcode(kind), Rcode::formerr) << to_string(kind);
  }
  EXPECT_EQ(rcode(edns_version), Rcode::badvers);
  EXPECT_EQ(rcode(class_unsupported), Rcode::refused);
  EXPECT_EQ(rcode(type_refused), Rcode::refused);
  EXPECT_EQ(rcode(zone_transfer), Rcode::refused);
  EXPECT_EQ(rcode(any_query), Rcode::noerror);
}

TEST(Rejection, OnlyTheFirstTwoAreSilentAndEachHasItsName) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < kRejectionKinds; ++i) {
    const Rejection rejection = of_kind(static_cast<RejectionKind>(i));
    EXPECT_EQ(rejection.silent(), i < 2);
    names.insert(to_string(rejection.kind));
  }
  EXPECT_EQ(names.size(), kRejectionKinds);
  EXPECT_EQ(names.count("unknown"), 0U);
  EXPECT_STREQ(to_string(static_cast<RejectionKind>(kRejectionKinds)), "unknown");
}

}  // namespace
}  // namespace dotkeep::dns
