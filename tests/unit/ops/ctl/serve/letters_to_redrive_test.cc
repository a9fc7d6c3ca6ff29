#include "ops/ctl/serve/letters_to_redrive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(LettersToRedrive, AreASet) {
  const auto read = ReadLettersToRedrive(R"({"letters":["3:17","0:2","3:17"],"dryRun":false})");
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->is_dry_run);
  EXPECT_THAT(read->letters,
              ElementsAre(common::RecordPosition{common::Partition(0), common::Offset(2)},
                          common::RecordPosition{common::Partition(3), common::Offset(17)}));
}

TEST(LettersToRedrive, RefuseAnotherForm) {
  const std::string deep(60'000, '[');
  for (const std::string& body :
       {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"letters":["1:2"]})"),
        std::string(R"({"letters":["1:2"],"dryRun":"no"})"),
        std::string(R"({"letters":["1:2"],"dryRun":false,"again":true})"),
        std::string(R"({"letters":"1:2","dryRun":true})"),
        std::string(R"({"letters":[12],"dryRun":true})"),
        std::string(R"({"letters":["1:-2"],"dryRun":true})"),
        std::string(R"({"letters":["1:2"],"dryRun":true} x)"), R"({"letters":)" + deep, deep}) {
    const auto read = ReadLettersToRedrive(body);
    ASSERT_FALSE(read) << body;
    EXPECT_EQ(read.error().remedy, common::Remedy::kReject);
  }
}

TEST(LettersToRedrive, AreBounded) {
  std::string body = R"({"letters":["0:0")";
  for (int i = 1; i < 1000; ++i) body += ",\"0:" + std::to_string(i) + "\"";
  EXPECT_TRUE(ReadLettersToRedrive(body + R"(],"dryRun":true})"));
  EXPECT_THAT(ReadLettersToRedrive(body + R"(,"0:1000"],"dryRun":true})").error().detail,
              HasSubstr("one to 1000 letters"));
  EXPECT_THAT(ReadLettersToRedrive(R"({"letters":[],"dryRun":true})").error().detail,
              HasSubstr("one to 1000 letters"));
}

}  // namespace
}  // namespace ctl
