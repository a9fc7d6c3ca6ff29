#include "ingest/policy/route.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace ingest {
namespace {

std::string Render(const std::optional<Route>& route) {
  if (!route) return "outside";
  return "segment '" + std::string(route->segment) + "', rest '" + std::string(route->rest) + "'";
}

struct RouteCase {
  std::string prefix;
  std::string path;
  std::string route;
};

TEST(Route, FollowsTheGrammar) {
  const std::vector<RouteCase> cases = {
      {"/callbacks", "/callbacks/onfido", "segment 'onfido', rest 'onfido'"},
      {"/callbacks", "/callbacks/onfido/", "segment 'onfido', rest 'onfido/'"},
      {"/callbacks", "/callbacks/OnFido", "segment 'OnFido', rest 'OnFido'"},
      {"/callbacks", "/callbacks", "segment '', rest ''"},
      {"/callbacks", "/callbacks/", "segment '', rest ''"},
      {"/callbacks", "/callbacks//", "segment '', rest '/'"},
      {"/callbacks", "/callbacks//onfido", "segment '', rest '/onfido'"},
      {"/callbacks", "/callbacks/onfido//", "segment '', rest 'onfido//'"},
      {"/callbacks", "/callbacks/onfido/more", "segment '', rest 'onfido/more'"},
      {"/callbacks", "/callbacks/%6Fnfido", "segment '%6Fnfido', rest '%6Fnfido'"},
      {"/callbacks", "/callbacksonfido", "outside"},
      {"/callbacks", "/Callbacks/onfido", "outside"},
      {"/callbacks", "/", "outside"},
      {"/callbacks", "", "outside"},
      {"/callbacks", "*", "outside"},
      {"/callbacks", "/callback", "outside"},
      {"/hooks/assure", "/hooks/assure/eid", "segment 'eid', rest 'eid'"},
      {"/hooks/assure", "/hooks/eid", "outside"},
      {"", "/onfido", "segment 'onfido', rest 'onfido'"},
      {"", "/", "segment '', rest ''"},
      {"", "*", "outside"},
  };
  for (const RouteCase& route_case : cases) {
    EXPECT_EQ(Render(MatchRoute(route_case.prefix, route_case.path)), route_case.route)
        << "'" << route_case.path << "' under '" << route_case.prefix << "'";
  }
}

TEST(CutAtCharacter, LeavesShortTextAlone) {
  EXPECT_EQ(CutAtCharacter("onfido", 128), "onfido");
  EXPECT_EQ(CutAtCharacter("onfido", 6), "onfido");
  EXPECT_EQ(CutAtCharacter("", 0), "");
}

TEST(CutAtCharacter, CutsAsciiAtTheLimit) {
  EXPECT_EQ(CutAtCharacter(std::string(200, 'x'), 128), std::string(128, 'x'));
  EXPECT_EQ(CutAtCharacter("abc", 0), "");
}

TEST(CutAtCharacter, DropsACharacterThatDoesNotFit) {
  EXPECT_EQ(CutAtCharacter("ab\xC3\xA6z", 3), "ab") << "2 bytes, 1 fits";
  EXPECT_EQ(CutAtCharacter("ab\xC3\xA6z", 4), "ab\xC3\xA6") << "2 bytes, both fit";
  EXPECT_EQ(CutAtCharacter("a\xE2\x82\xACz", 3), "a") << "3 bytes, 2 fit";
  EXPECT_EQ(CutAtCharacter("a\xF0\x9F\x98\x80z", 4), "a") << "4 bytes, 3 fit";
  EXPECT_EQ(CutAtCharacter("a\xF0\x9F\x98\x80z", 5), "a\xF0\x9F\x98\x80") << "4 bytes, all fit";
}

TEST(CutAtCharacter, CutsBytesThatAreNoUtf8AtTheLimit) {
  EXPECT_EQ(CutAtCharacter(std::string(200, '\x80'), 128).size(), 128U);
}

}  // namespace
}  // namespace ingest
