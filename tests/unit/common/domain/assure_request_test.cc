#include "common/domain/assure_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/base64.h"

namespace common {
namespace {

using testing::ElementsAre;
using testing::Pair;

// RFC 6749, 2.3.1: id and secret are form-encoded before they are joined.
TEST(AssureRequest, AsksForATokenWithTheClientsCredentials) {
  const AssureRequest request = TokenRequest({.base_url = "https://api",
                                              .token_url = "https://api/token",
                                              .client_id = "a:b",
                                              .client_secret = "s",
                                              .scope = "x y",
                                              .ca_file = {}});
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://api/token");
  EXPECT_THAT(request.fields, ElementsAre(Pair("Authorization", "Basic " + EncodeBase64("a%3Ab:s")),
                                          Pair("Content-Type", "application/x-www-form-urlencoded"),
                                          Pair("Accept", "application/json")));
  EXPECT_EQ(request.body, "grant_type=client_credentials&scope=x%20y");
}

TEST(AssureRequest, NamesADossierInItsUrl) {
  EXPECT_EQ(DossierUrl("https://api/assure", DossierId("d")), "https://api/assure/dossiers/d");
  EXPECT_EQ(DossierUrl("https://api/assure//", DossierId("a/b c")),
            "https://api/assure/dossiers/a%2Fb%20c");
  const AssureRequest request = ResourceRequest("DELETE", "https://api/x", "t");
  EXPECT_EQ(request.method, "DELETE");
  EXPECT_EQ(request.url, "https://api/x");
  EXPECT_THAT(request.fields,
              ElementsAre(Pair("Authorization", "Bearer t"), Pair("Accept", "application/json")));
}

TEST(AssureRequest, PutsNoPathStepIntoAUrl) {
  EXPECT_TRUE(CanStandInUrl("..."));
  EXPECT_FALSE(CanStandInUrl("."));
  EXPECT_FALSE(CanStandInUrl(".."));
}

}  // namespace
}  // namespace common
