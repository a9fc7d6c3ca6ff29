#include "common/domain/offset_metadata.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>

namespace common {
namespace {

constexpr WallTime kTime{std::chrono::milliseconds(1'764'000'000'123)};

OffsetMetadata Full() {
  return {.partitions = 12,
          .last = OffsetWitness{Offset(4711), kTime},
          .instance = "consumer-0-0",
          .transaction = "17"};
}
OffsetMetadata Unchecked() {
  OffsetMetadata metadata = Full();
  metadata.unchecked = {{Offset(4709), kTime}, {Offset(4710), kTime}};
  return metadata;
}

TEST(OffsetMetadata, WritesAllKnownFields) {
  EXPECT_EQ(ToText(Full()),
            "partitions=12;instance=consumer-0-0;transaction=17;last=4711@1764000000123");
  EXPECT_EQ(ToText(Unchecked()),
            ToText(Full()) + ";unchecked=4709@1764000000123,4710@1764000000123");
  EXPECT_EQ(ToText({.partitions = 1}), "partitions=1");
  EXPECT_EQ(ToText(OffsetMetadata()), "");
}

TEST(OffsetMetadata, RoundTrips) {
  OffsetMetadata odd = Full();
  odd.instance = "a;b=c%3B\n\xC3\xA4";
  for (const OffsetMetadata& metadata : {Full(), odd, Unchecked(), OffsetMetadata{}}) {
    EXPECT_EQ(ReadOffsetMetadata(ToText(metadata)), metadata) << ToText(metadata);
  }
}

TEST(OffsetMetadata, ReadsKeysInAnyOrderAndSkipsUnknownOnes) {
  EXPECT_EQ(ReadOffsetMetadata("last=4711@1764000000123;colour=blue;transaction=17;;"
                               "instance=consumer-0-0;partitions=12;nonsense"),
            Full());
}

TEST(OffsetMetadata, SkipsInvalidOnesAmongUncheckedWitnesses) {
  EXPECT_EQ(ReadOffsetMetadata("unchecked=,x@5,7@5,8,,9@6,").unchecked,
            (std::vector{OffsetWitness{Offset(7), WallTime(std::chrono::milliseconds(5))},
                         OffsetWitness{Offset(9), WallTime(std::chrono::milliseconds(6))}}));
}

TEST(OffsetMetadata, KeepsTheLastOfManyUncheckedWitnesses) {
  std::string text = "last=700@5;unchecked=";
  for (int offset = 100; offset < 200; ++offset) text += std::to_string(offset) + "@5,";
  const OffsetMetadata read = ReadOffsetMetadata(text);
  ASSERT_EQ(read.unchecked.size(), OffsetMetadata::kMostUnchecked);
  EXPECT_EQ(read.unchecked.front().offset,
            Offset(200) - static_cast<int>(OffsetMetadata::kMostUnchecked));
  EXPECT_EQ(read.unchecked.back().offset, Offset(199));
  ASSERT_EQ(WitnessesOf(read).size(), OffsetMetadata::kMostUnchecked + 1);
  EXPECT_EQ(WitnessesOf(read).front().offset, Offset(700));
}

TEST(OffsetMetadata, IgnoresTextThatIsTooLong) {
  std::string text = ToText(Full()) + ";colour=";
  text.resize(OffsetMetadata::kLongestText, 'x');
  EXPECT_EQ(ReadOffsetMetadata(text), Full());
  EXPECT_EQ(ReadOffsetMetadata(text + "x"), OffsetMetadata{});
  OffsetMetadata longest = Full();
  longest.instance = std::string(249, ';');
  longest.transaction = std::to_string(UINT64_MAX);
  for (std::size_t i = 0; i < OffsetMetadata::kMostUnchecked; ++i) {
    longest.unchecked.push_back({Offset(INT64_MAX), kTime});
  }
  EXPECT_LT(ToText(longest).size(), OffsetMetadata::kLongestText);
}

TEST(OffsetMetadata, IgnoresInvalidText) {
  for (const char* text :
       {"", ";", "=", "partitions", "partitions=", "partitions=twelve", "partitions=0",
        "partitions=-3", "partitions=12x", "partitions=99999999999", "last=", "last=@", "last=5",
        "last=5@", "last=-1@5", "last=x@5", "last=99999999999999999999@5", "leader-1",
        "{\"version\":1}"}) {
    EXPECT_EQ(ReadOffsetMetadata(text), OffsetMetadata{}) << text;
  }
}

TEST(OffsetMetadata, SurvivesAnyBytes) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 2'000; ++round) {
    std::string text = ToText(Unchecked());
    for (int i = 0; i < 3; ++i) text[random() % text.size()] = static_cast<char>(random() % 256);
    const OffsetMetadata read = ReadOffsetMetadata(text);
    EXPECT_EQ(ReadOffsetMetadata(ToText(read)), read) << text;
  }
}

}  // namespace
}  // namespace common
