#include "common/config/assure_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "tests/unit/common/config/fixture.h"

namespace common::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> MistakesWith(const std::string& base_url, const std::string& token_url) {
  return MistakesOf("assure:\n  base_url: " + base_url + "\n  token_url: " + token_url +
                        "\n  client_id: me\n  client_secret: s\n",
                    [](const Section& root) { std::ignore = ReadClientOfAssure(root); });
}

TEST(AssureSettings, AcceptUrlsWithPortAndPath) {
  EXPECT_THAT(MistakesWith("https://api.test:8443/assure", "http://[::1]:80/users/me@home"),
              IsEmpty());
}

TEST(AssureSettings, RefuseAUrlWithAQuery) {
  EXPECT_THAT(
      MistakesWith("https://api.test/assure?x=1", "ftp://id.test"),
      ElementsAre("f.yaml:2:13: assure.base_url: must be an http or https URL without query",
                  "f.yaml:3:14: assure.token_url: must be an http or https URL without query"));
}

TEST(AssureSettings, RefuseAPasswordInAUrlAndDoNotRepeatIt) {
  EXPECT_THAT(
      MistakesWith("https://api.test/assure", "https://user:hunter2@id.test:1/token"),
      ElementsAre("f.yaml:3:14: assure.token_url: must contain no user and no password: set "
                  "assure.client_id and assure.client_secret"));
}

TEST(AssureSettings, RefuseAUserInAUrlWithoutAPath) {
  EXPECT_THAT(MistakesWith("https://user@api.test", "https://id.test/token"),
              ElementsAre(testing::HasSubstr("assure.base_url: must contain no user")));
}

}  // namespace
}  // namespace common::config
