#include "ops/simulator/assure_request.h"

#include <gtest/gtest.h>

namespace simulator {
namespace {

/// "process d/p", "dossier d", "token", "other".
std::string Describe(const Target& target) {
  std::string text(ToText(target.resource));
  if (!target.dossier_id.empty()) text += " " + target.dossier_id;
  if (!target.process_id.empty()) text += "/" + target.process_id;
  return text;
}

TEST(AssureTarget, IsParsedFromThePath) {
  EXPECT_EQ(Describe(ParseTarget("/auth/open/connect/token")), "token");
  EXPECT_EQ(Describe(ParseTarget("/assure/dossiers/d1")), "dossier d1");
  EXPECT_EQ(Describe(ParseTarget("/assure/dossiers/d1/processes/p1")), "process d1/p1");
  EXPECT_EQ(Describe(ParseTarget("/assure/dossiers/a%2Fb%20c/processes/%e2%82%ac")),
            "process a/b c/€");
  EXPECT_EQ(Describe(ParseTarget("/assure/dossiers/100%")), "dossier 100%");
}

TEST(AssureTarget, IsOtherForUnknownPaths) {
  for (const char* path :
       {"", "/", "/assure", "/assure/dossiers", "/assure/dossiers/", "/assure/dossiers/d/",
        "/assure/dossiers/d/processes", "/assure/dossiers/d/processes/",
        "/assure/dossiers/d/processes/p/x", "/assure/dossiers/d/files/f", "/auth/open/connect"}) {
    EXPECT_EQ(Describe(ParseTarget(path)), "other") << path;
  }
}

TEST(BasicCredentials, AreDecoded) {
  const BasicCredentials credentials = ParseBasic("basic Y2xpZW50OnMlM0FlY3JldA==");
  EXPECT_EQ(credentials.user, "client");
  EXPECT_EQ(credentials.password, "s:ecret");
  for (const char* field : {"", "Basic", "Basic ", "Basic ???", "Basic Y2xpZW50", "Bearer x:y"}) {
    EXPECT_EQ(ParseBasic(field).user, "") << field;
  }
}

TEST(FormField, IsFoundAmongOthers) {
  EXPECT_EQ(FormField("grant_type=client_credentials&scope=a+b%2Bc", "scope"), "a b+c");
  EXPECT_EQ(FormField("grant_type=client_credentials", "grant_type"), "client_credentials");
  EXPECT_EQ(FormField("xgrant_type=1&grant_type", "grant_type"), "");
}

}  // namespace
}  // namespace simulator
