// The table of record types: RDATA of each form, good and bad.
#include "dns/rdata.h"

#include <gtest/gtest.h>

#include <set>

#include "dns/text.h"
#include "tests/dns/rdata_cases.h"
#include "tests/dns/reply_message.h"

namespace dotkeep::dns::testing {
namespace {

// What copy_rdata makes of RDATA that stands alone, after a header's worth of zeros.
std::expected<Bytes, ReplyFault> copy(Type type, const Bytes& rdata, std::size_t room = 65536) {
  const Bytes message = Bytes(kHeaderSize, 0) + rdata;
  Bytes out(room);
  Writer writer(out);
  const auto copied = copy_rdata(form_of(type), message, kHeaderSize, rdata.size(), writer);
  if (!copied) return std::unexpected(copied.error());
  return Bytes(writer.written().begin(), writer.written().end());
}

TEST(RdataTest, GoodFormsComeOutAsTheyAre) {
  for (const GoodRdata& good : good_rdata()) {
    const Bytes rdata = hex(good.hex);
    const auto copied = copy(good.type, rdata);
    ASSERT_TRUE(copied) << static_cast<int>(good.type) << " " << good.hex;
    EXPECT_EQ(*copied, rdata);
  }
}

TEST(RdataTest, EveryRowIsTried) {
  std::set<Type> tried;
  for (const GoodRdata& good : good_rdata()) tried.insert(good.type);
  for (unsigned i = 0; i < 65536; ++i) {
    const RdataForm& form = form_of(static_cast<Type>(i));
    if (form.mnemonic.empty() || form.names == Names::misplaced) continue;
    EXPECT_EQ(static_cast<unsigned>(form.type), i);
    EXPECT_TRUE(tried.contains(form.type)) << form.mnemonic;
  }
}

TEST(RdataTest, BadFormsAreFaults) {
  for (const BadRdata& bad : bad_rdata()) {
    const auto copied = copy(bad.type, hex(bad.hex));
    ASSERT_FALSE(copied) << static_cast<int>(bad.type) << " " << bad.why;
    EXPECT_EQ(copied.error(), ReplyFault::bad_rdata)
        << static_cast<int>(bad.type) << " " << bad.why;
  }
}

TEST(RdataTest, NothingIsWrittenPastTheEnd) {
  for (const GoodRdata& good : good_rdata()) {
    const Bytes rdata = hex(good.hex);
    for (std::size_t room = 0; room < rdata.size(); ++room) {
      const auto copied = copy(good.type, rdata, room);
      ASSERT_FALSE(copied);
      EXPECT_EQ(copied.error(), ReplyFault::too_large);
    }
  }
}

// Whether a type's names may come compressed: every one in turn is made a pointer.
TEST(RdataTest, CompressionIsReadWhereItIsAllowed) {
  const std::vector<std::pair<Type, const char*>> cases = {
      {Type::NS, "c00c"},
      {Type::CNAME, "c00c"},
      {Type::PTR, "c00c"},
      {Type::MD, "c00c"},
      {Type::MF, "c00c"},
      {Type::MB, "c00c"},
      {Type::MG, "c00c"},
      {Type::MR, "c00c"},
      {Type::MINFO, "c00c c00c"},
      {Type::MX, "000a c00c"},
      {Type::SOA, "c00c c00c 00000001 00000002 00000003 00000004 00000005"},
      {Type::RP, "c00c c00c"},
      {Type::AFSDB, "0001 c00c"},
      {Type::RT, "0001 c00c"},
      {Type::PX, "0001 c00c c00c"},
      {Type::SRV, "0001 0002 0003 c00c"},
      {Type::NAPTR, "0001 0002 00 00 00 c00c"},
      {Type::LP, "000a c00c"},
  };
  for (const auto& [type, rdata] : cases) {
    ReplyMessage message("www.example.", type);
    message.answer("www.example.", type, hex(rdata));
    Checker checker;
    EXPECT_TRUE(checker.check(message)) << static_cast<int>(type);
  }
  const std::vector<std::pair<Type, const char*>> refused = {
      {Type::DNAME, "c00c"},
      {Type::KX, "0001 c00c"},
      {Type::NSEC, "c00c 0001 40"},
      {Type::RRSIG, "0001 08 02 00000e10 00000002 00000001 1234 c00c 01"},
      {Type::SVCB, "0001 c00c"},
      {Type::HTTPS, "0001 c00c"},
      {Type::IPSECKEY, "0a 03 02 c00c 01"},
  };
  for (const auto& [type, rdata] : refused) {
    ReplyMessage message("www.example.", type);
    message.answer("www.example.", type, hex(rdata));
    EXPECT_EQ(Checker().outcome(message), "bad_name") << static_cast<int>(type);
  }
}

TEST(RdataTest, PointersInRdataAreWrittenOut) {
  ReplyMessage message("www.example.", Type::MX);
  message.answer("www.example.", Type::MX, hex("000a 026d78 c010"));
  Checker checker;
  const auto reply = checker.check(message);
  ASSERT_TRUE(reply);
  const auto record = RecordReader(reply->packed).next();
  EXPECT_EQ(Bytes(record->rdata.begin(), record->rdata.end()), hex("000a") + name("mx.example."));
}

TEST(RdataTest, ANameMayNotReachOverItsRdata) {
  // The second record's owner would go on where the first one's RDATA ends.
  ReplyMessage message("www.example.", Type::NS);
  message.answer("www.example.", Type::NS, hex("0161")).a(".");
  EXPECT_EQ(Checker().outcome(message), "bad_rdata");
  ReplyMessage pointer_cut("www.example.", Type::NS);
  pointer_cut.answer("www.example.", Type::NS, hex("0161 c0")).a(".");
  EXPECT_EQ(Checker().outcome(pointer_cut), "bad_rdata");
}

TEST(RdataTest, TypesWithoutRow) {
  for (unsigned i = 0; i < 65536; ++i) {
    const RdataForm& form = form_of(static_cast<Type>(i));
    if (!form.mnemonic.empty()) continue;
    const bool meta = i == 0 || (i >= 128 && i < 256);
    ASSERT_EQ(form.names, meta ? Names::misplaced : Names::absent) << i;
  }
}

TEST(RdataTest, FoldsOnlyNamesThatWeCompress) {
  const auto fold = [](Type type, const char* rdata) {
    std::array<std::uint8_t, kMaxCompressible> space;
    const Bytes bytes = hex(rdata);
    const Octets folded = fold_names(form_of(type), bytes, space);
    return Bytes(folded.begin(), folded.end());
  };
  EXPECT_EQ(fold(Type::MX, "4142 0141 00"), hex("4142 0161 00"));
  EXPECT_EQ(fold(Type::SRV, "4142 4142 4142 0141 00"), hex("4142 4142 4142 0141 00"));
  EXPECT_EQ(fold(Type::TXT, "0141"), hex("0141"));
}

TEST(RdataTest, WhatIsTooLongToBeCompressedIsNotFolded) {
  const Bytes rdata(kMaxCompressible + 1, 0);
  std::array<std::uint8_t, kMaxCompressible> space;
  EXPECT_EQ(fold_names(form_of(Type::NS), rdata, space).data(), rdata.data());
}

TEST(RdataTest, FieldsHaveTheirSizes) {
  const Bytes octets(40, 1);
  EXPECT_EQ(field_size(Field::loc, octets), 16U);
  EXPECT_EQ(field_size(Field::ipv6, octets), 16U);
  EXPECT_EQ(field_size(Field::eui64, octets), 8U);
  EXPECT_EQ(field_size(Field::eui48, octets), 6U);
  EXPECT_EQ(field_size(Field::time, octets), 4U);
  EXPECT_EQ(field_size(Field::type, octets), 2U);
  EXPECT_EQ(field_size(Field::assigned, octets), 1U);
  EXPECT_EQ(field_size(Field::string, octets), 2U);
  EXPECT_EQ(field_size(Field::rest, octets), 40U);
}

std::string text_of(Type type, const char* rdata, std::size_t room = 1024) {
  const Bytes owner = name("a.example.");
  const Bytes bytes = hex(rdata);
  std::vector<char> out(room);
  return std::string(record_text(Record{owner, type, 300, bytes}, out));
}

TEST(TextTest, EveryForm) {
  for (const GoodRdata& good : good_rdata()) {
    if (good.text == nullptr) continue;
    std::array<char, 16> type;
    EXPECT_EQ(text_of(good.type, good.hex),
              "a.example. 300 IN " + std::string(type_text(good.type, type)) + " " + good.text);
  }
  EXPECT_EQ(text_of(Type::HTTPS, "0001 00 0001 0003 026832 0002 0000 0003 0002 20fb"),
            "a.example. 300 IN HTTPS 1 . key1=\"\\002h2\" key2 key3=\" \\251\"");
}

// RDATA in a Record was checked; but what is cut ends the text and nothing else.
TEST(TextTest, WhatIsCutEndsTheText) {
  EXPECT_EQ(text_of(Type::NSEC, "00 00"), "a.example. 300 IN NSEC . ");
  EXPECT_EQ(text_of(Type::NSEC, "00 0002 40"), "a.example. 300 IN NSEC . ");
  EXPECT_EQ(text_of(Type::TXT, "0161 0461"), "a.example. 300 IN TXT \"a\"");
  EXPECT_EQ(text_of(Type::SVCB, "0001 00 0003"), "a.example. 300 IN SVCB 1 . ");
  EXPECT_EQ(text_of(Type::SVCB, "0001 00 0003 0002 00"), "a.example. 300 IN SVCB 1 . ");
}

TEST(TextTest, TypeNames) {
  std::array<char, 16> out;
  EXPECT_EQ(type_text(Type::ANY, out), "ANY");
  EXPECT_EQ(type_text(Type::HTTPS, out), "HTTPS");
  EXPECT_EQ(type_text(Type{65280}, out), "TYPE65280");
}

TEST(TextTest, WhatDoesNotFitIsLeftOut) {
  const std::string whole = text_of(Type::MX, "000a 016100");
  EXPECT_EQ(whole, "a.example. 300 IN MX 10 a.");
  for (std::size_t room = 0; room < whole.size(); ++room) {
    const std::string cut = text_of(Type::MX, "000a 016100", room);
    EXPECT_LE(cut.size(), room);
    EXPECT_EQ(cut, whole.substr(0, cut.size()));
  }
}

}  // namespace
}  // namespace dotkeep::dns::testing
