#include "base/bytes.h"

#include <gtest/gtest.h>

#include "tests/base/hex.h"

namespace dotkeep {
namespace {

TEST(Reader, ReadsBigEndianIntegersOfEachWidth) {
  const Bytes bytes = from_hex("01 0203 04050607 08090a0b0c0d0e0f");
  Reader reader(bytes);
  EXPECT_EQ(reader.u8(), 0x01);
  EXPECT_EQ(reader.u16(), 0x0203);
  EXPECT_EQ(reader.u32(), 0x04050607U);
  EXPECT_EQ(reader.u64(), 0x08090a0b0c0d0e0fU);
  EXPECT_TRUE(reader.empty());
  EXPECT_EQ(reader.offset(), bytes.size());
}

TEST(Reader, StaysWhereItWasWhenAGetterWouldPassTheEnd) {
  const Bytes bytes = from_hex("010203");
  Reader reader(bytes);
  ASSERT_TRUE(reader.u16());
  EXPECT_FALSE(reader.u16());
  EXPECT_FALSE(reader.u32());
  EXPECT_FALSE(reader.u64());
  EXPECT_FALSE(reader.take(2));
  EXPECT_EQ(reader.offset(), 2U);
  EXPECT_EQ(reader.u8(), 0x03);
  EXPECT_FALSE(reader.u8());
}

TEST(Reader, TakesViewsIntoWhatItReads) {
  const Bytes bytes = from_hex("0102030405");
  Reader reader(bytes);
  const auto two = reader.take(2);
  ASSERT_TRUE(two);
  EXPECT_EQ(two->data(), bytes.data());
  EXPECT_EQ(to_hex(*two), "0102");
  EXPECT_EQ(to_hex(reader.rest()), "030405");
  EXPECT_TRUE(reader.empty());
  EXPECT_TRUE(reader.rest().empty());
  EXPECT_TRUE(reader.take(0));
}

TEST(Reader, DoesNotWrapOnAHugeCount) {
  const Bytes bytes = from_hex("01");
  Reader reader(bytes);
  ASSERT_TRUE(reader.u8());
  EXPECT_FALSE(reader.take(static_cast<std::size_t>(-1)));
}

TEST(Writer, WritesBigEndianIntegersOfEachWidth) {
  Bytes bytes(15);
  Writer writer(bytes);
  writer.u8(0x01);
  writer.u16(0x0203);
  writer.u32(0x04050607);
  writer.u64(0x08090a0b0c0d0e0f);
  EXPECT_TRUE(writer.ok());
  EXPECT_EQ(writer.remaining(), 0U);
  EXPECT_EQ(to_hex(writer.written()), "0102030405060708090a0b0c0d0e0f");
}

TEST(Writer, WritesNothingPastItsEndAndRemembers) {
  Bytes bytes(3, 0xee);
  Writer writer(MutableOctets(bytes).first(2));
  writer.u8(1);
  writer.u16(0x0203);
  EXPECT_FALSE(writer.ok());
  // Once not ok it stays so: an octet that would fit does not follow a field that did not.
  writer.u8(4);
  writer.octets(bytes);
  writer.zeros(1);
  EXPECT_EQ(writer.size(), 1U);
  EXPECT_EQ(to_hex(bytes), "01eeee");
}

TEST(Writer, OctetsAndZerosFillExactly) {
  Bytes bytes(4, 0xee);
  Writer writer(bytes);
  writer.octets(from_hex("0102"));
  writer.octets({});
  writer.zeros(0);
  writer.zeros(2);
  EXPECT_TRUE(writer.ok());
  EXPECT_EQ(to_hex(bytes), "01020000");
  writer.zeros(1);
  EXPECT_FALSE(writer.ok());
}

TEST(Writer, PatchesOnlyWhatWasWritten) {
  Bytes bytes(4, 0xee);
  Writer writer(bytes);
  writer.zeros(3);
  writer.patch_u16(1, 0x0102);
  EXPECT_EQ(to_hex(bytes), "000102ee");
  writer.patch_u16(2, 0xffff);
  EXPECT_EQ(to_hex(bytes), "000102ee");
  writer.u32(0);
  writer.patch_u16(0, 0xffff);
  EXPECT_EQ(to_hex(bytes), "000102ee");
}

TEST(Writer, RewindTakesBackOctetsAndTheFailureAfterThem) {
  Bytes bytes(2);
  Writer writer(bytes);
  writer.u8(1);
  writer.u16(2);
  ASSERT_FALSE(writer.ok());
  writer.rewind(2);  // beyond what was written: no
  EXPECT_FALSE(writer.ok());
  writer.rewind(1);
  EXPECT_TRUE(writer.ok());
  writer.u8(3);
  EXPECT_TRUE(writer.ok());
  EXPECT_EQ(to_hex(writer.written()), "0103");
}

}  // namespace
}  // namespace dotkeep
