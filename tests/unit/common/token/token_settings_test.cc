#include "common/token/token_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace common::token {
namespace {

using testing::ElementsAre;
using testing::Pair;

const TokenSettings kSettings{.url = "https://id.example/token",
                              .client_id = "me",
                              .client_secret = "5:hush,\n:",
                              .scope = "kafka",
                              .extensions = "",
                              .ca_file = "/etc/ca.pem"};

TEST(TokenSettings, AreReadUnderLibrdkafkasNames) {
  EXPECT_EQ(TokenSettingsIn({{"sasl.oauthbearer.token.endpoint.url", kSettings.url},
                             {"sasl.oauthbearer.client.id", kSettings.client_id},
                             {"sasl.oauthbearer.client.secret", kSettings.client_secret},
                             {"sasl.oauthbearer.scope", kSettings.scope},
                             {"https.ca.location", kSettings.ca_file},
                             {"sasl.mechanism", "OAUTHBEARER"}}),
            kSettings);
  EXPECT_EQ(TokenSettingsIn({{"sasl.oauthbearer.client.id", "me"}}), std::nullopt);
}

TEST(TokenSettings, SurvivePackingForLibrdkafka) {
  EXPECT_EQ(Unpack(Pack(kSettings)), kSettings);
  EXPECT_EQ(Unpack(""), std::nullopt);
  EXPECT_EQ(Unpack("9:short"), std::nullopt);
}

TEST(Extensions, AreNamesAndValues) {
  EXPECT_THAT(ExtensionsIn("logicalCluster=lkc-1, identityPoolId=pool=2,odd"),
              ElementsAre(Pair("logicalCluster", "lkc-1"), Pair("identityPoolId", "pool=2")));
}

}  // namespace
}  // namespace common::token
