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
      {"/callbacks", "//callbacks/onfido", "segment 'onfido', rest 'onfido'"},
      {"/callbacks", "///callbacks/onfido/", "segment 'onfido', rest 'onfido/'"},
      {"/callbacks", "//callbacks", "segment '', rest ''"},
      {"/callbacks", "//elsewhere", "outside"},
      {"/callbacks", "//", "outside"},
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
      {"", "//onfido", "segment 'onfido', rest 'onfido'"},
      {"", "*", "outside"},
  };
  for (const RouteCase& route_case : cases) {
    EXPECT_EQ(Render(MatchRoute(route_case.prefix, route_case.path)), route_case.route)
        << "'" << route_case.path << "' under '" << route_case.prefix << "'";
  }
}

}  // namespace
}  // namespace ingest
