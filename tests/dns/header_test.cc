#include "dns/header.h"

#include <gtest/gtest.h>

#include "tests/dns/client_message.h"

namespace dotkeep::dns {
namespace {

TEST(Header, ReadsEachField) {
  const Bytes bytes = from_hex("0102 0304 0506 0708 090a 0b0c ff");
  Reader reader(bytes);
  const auto header = Header::parse(reader);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->id, 0x0102);
  EXPECT_EQ(header->flags, 0x0304);
  EXPECT_EQ(header->questions, 0x0506);
  EXPECT_EQ(header->answers, 0x0708);
  EXPECT_EQ(header->authorities, 0x090a);
  EXPECT_EQ(header->additionals, 0x0b0c);
  EXPECT_EQ(reader.offset(), 12U);
}

TEST(Header, NeedsTwelveOctets) {
  const Bytes bytes(11);
  Reader reader(bytes);
  EXPECT_FALSE(Header::parse(reader));
  EXPECT_EQ(reader.offset(), 0U);
}

TEST(Header, NamesItsBits) {
  const Header all{.flags = 0xffff};
  EXPECT_TRUE(all.is_response());
  EXPECT_EQ(static_cast<int>(all.opcode()), 15);
  EXPECT_EQ(all.rcode_bits(), 15);
  const Header response{.flags = 0x8000};
  EXPECT_TRUE(response.is_response());
  EXPECT_EQ(response.opcode(), Opcode::query);
  const Header update{.flags = 0x2805};
  EXPECT_FALSE(update.is_response());
  EXPECT_EQ(update.opcode(), Opcode::update);
  EXPECT_EQ(update.rcode_bits(), 5);
  EXPECT_FALSE(update.has(kFlagRecursionDesired));
}

TEST(Header, WritesWhatItReads) {
  const Bytes bytes = from_hex("0102 0304 0506 0708 090a 0b0c");
  Reader reader(bytes);
  Bytes copy(12);
  Writer writer(copy);
  Header::parse(reader)->write(writer);
  EXPECT_EQ(copy, bytes);
}

TEST(Header, BuildsFlags) {
  EXPECT_EQ(flag_if(true, kFlagTruncated), 0x0200);
  EXPECT_EQ(flag_if(false, kFlagTruncated), 0);
  EXPECT_EQ(opcode_bits(Opcode::update), 0x2800);
  EXPECT_EQ(rcode_bits(Rcode::refused), 5);
  EXPECT_EQ(rcode_bits(Rcode::badcookie), 7);
}

TEST(Header, WritesAQuestion) {
  Bytes bytes(8);
  Writer writer(bytes);
  write_question(writer, {name("A"), Type::AAAA}, 3);
  EXPECT_TRUE(writer.ok());
  EXPECT_EQ(to_hex(writer.written()), "014100001c0003");
}

}  // namespace
}  // namespace dotkeep::dns
