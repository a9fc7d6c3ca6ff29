#include "ops/ctl/audit_result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "consumer/state/result_record.h"

namespace ctl {
namespace {

std::string Text(const std::optional<RecordPlace>& place) {
  return place ? ToText(*place) : "none";
}

TEST(ResultPosition, IsWhatTheConsumerHasWritten) {
  consumer::CallbackFacts facts;
  facts.is_readable = true;
  facts.status = "\"callback\":{\"partition\":9,\"offset\":9}";
  const auto result = consumer::MakeResult(
      facts, {{"received-at", "2026-11-23T08:00:00.000Z"}}, {11, 9'007'199'254'740'993},
      {.process = R"({"callback":{"partition":8,"offset":8}})", .dossier = {}, .fetched_at = {}});
  EXPECT_EQ(Text(ReadResultPosition(result.value)), "11:9007199254740993");
}

TEST(ResultPosition, IsReadWithoutWhatComesAfterIt) {
  EXPECT_EQ(
      Text(ReadResultPosition(R"({"callback":{"partition":3,"offset":17},"process":no json)")),
      "3:17");
}

TEST(ResultPosition, IsThatOfTheOutermostObject) {
  EXPECT_EQ(Text(ReadResultPosition(
                R"({"a":{"callback":{"partition":1,"offset":1},"partition":2,"offset":2},)"
                R"("partition":4,"offset":4,"b":[{"callback":{"partition":5,"offset":5}}],)"
                R"("callback":{"x":{"partition":6},"offset":17,"partition":3}})")),
            "3:17");
}

TEST(ResultPosition, IsAbsentFromWhatNamesNoCallback) {
  for (const char* value :
       {"", "{", "null", "17", "[]", "{}", R"({"callback":null})", R"({"callback":[3,17]})",
        R"({"callback":{"partition":3}})", R"({"callback":{"partition":"3","offset":17}})",
        R"({"callback":{"partition":3,"offset":-1}})",
        R"({"callback":{"partition":3,"offset":1.5}})",
        R"({"callback":{"partition":3000000000,"offset":1}})",
        R"([{"callback":{"partition":3,"offset":17}}])", R"(["callback",{"partition":3}])"}) {
    EXPECT_EQ(Text(ReadResultPosition(value)), "none") << value;
  }
}

TEST(RedriveName, NamesARecordOfATopic) {
  EXPECT_EQ(Text(ReadRedriveName("callbacks-3-17", "callbacks")), "3:17");
  EXPECT_EQ(Text(ReadRedriveName("a-1-b-3-17", "a-1-b")), "3:17");
  for (const char* name :
       {"", "callbacks", "callbacks-", "callbacks-3", "callbacks-3-", "callbacks--3-17",
        "callbacks-3--17", "callbacks-3-17 ", "callbacks-3-17x", "callbacks.dead-3-17",
        "callbacks-dead-3-17", "callbacks-3-99999999999999999999", "xcallbacks-3-17"}) {
    EXPECT_EQ(Text(ReadRedriveName(name, "callbacks")), "none") << name;
  }
}

}  // namespace
}  // namespace ctl
