#include "ops/ctl/dead/dead_newest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

namespace ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

DeadSummary LetterAt(int time, std::int64_t offset) {
  DeadSummary letter;
  letter.time = common::WallTime(std::chrono::milliseconds(time));
  letter.place.offset = common::Offset(offset);
  return letter;
}

std::vector<std::int64_t> OffsetsOf(NewestLetters letters) {
  std::vector<std::int64_t> offsets;
  for (const DeadSummary& letter : std::move(letters).Take()) {
    offsets.push_back(letter.place.offset.number());
  }
  return offsets;
}

TEST(NewestLetters, AreTheLastOnesInAnyOrderOfArrival) {
  NewestLetters letters(3);
  for (const auto& [time, offset] :
       {std::pair(50, 1), {10, 2}, {40, 3}, {60, 4}, {60, 5}, {20, 6}, {30, 7}}) {
    letters.Add(LetterAt(time, offset));
  }
  EXPECT_EQ(letters.count(), 7);
  EXPECT_THAT(OffsetsOf(letters), ElementsAre(5, 4, 1));
}

TEST(NewestLetters, MayBeFewOrNone) {
  NewestLetters letters(3);
  EXPECT_THAT(OffsetsOf(letters), IsEmpty());
  EXPECT_EQ(RenderJson(letters), R"({"letters":[],"matching":0})");
  letters.Add(LetterAt(1, 9));
  EXPECT_THAT(OffsetsOf(letters), ElementsAre(9));
  EXPECT_THAT(RenderJson(letters), StartsWith("{\"letters\":[\n{\"partition\":0,\"offset\":9,"));

  NewestLetters counted(0);
  counted.Add(LetterAt(1, 9));
  EXPECT_EQ(RenderJson(counted), R"({"letters":[],"matching":1})");
}

TEST(NewestLetters, AreFoundAmongAMillionWithoutKeepingThem) {
  NewestLetters letters(2);
  for (int i = 0; i < 1'000'000; ++i) letters.Add(LetterAt(i, i));
  EXPECT_EQ(letters.count(), 1'000'000);
  EXPECT_THAT(OffsetsOf(letters), ElementsAre(999'999, 999'998));
}

// 200 of them, with a status of 1 MiB each, would be a page of 200 MiB.
TEST(NewestLetters, KeepExcerptsOfTheSendersTexts) {
  const std::string long_text(std::size_t{1} << 20U, 'x');
  DeadSummary letter = LetterAt(1, 9);
  letter.key = letter.provider = long_text;
  for (auto* text :
       {&letter.reason, &letter.trace_id, &letter.failed_at, &letter.received_at,
        &letter.request_id, &letter.topic, &letter.dossier, &letter.process, &letter.status}) {
    *text = long_text;
  }
  NewestLetters letters(3);
  letters.Add(letter);
  const std::string json = RenderJson(letters);
  EXPECT_LT(json.size(), 4096U);
  EXPECT_THAT(json, HasSubstr("\"status\":\"" + std::string(256, 'x') + "…\""));
}

}  // namespace
}  // namespace ctl
