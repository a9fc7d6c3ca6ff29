#include "tests/system/ops/dashboards/panels.h"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include <stdexcept>
#include <string_view>
#include <utility>

#include "tests/harness/process.h"

namespace tests {
namespace {

std::string WithoutVariables(std::string expression) {
  // Several of the test's scrapes fit into ten seconds.
  static constexpr std::pair<std::string_view, std::string_view> kValues[] = {
      {"$__rate_interval", "10s"},
      {"$provider", ".+"},
      {"$instance", ".+"},
      {"$cluster", ".*"},
      {"$namespace", ".*"}};
  for (const auto& [variable, value] : kValues) {
    for (std::size_t at = 0; (at = expression.find(variable, at)) != std::string::npos;) {
      expression.replace(at, variable.size(), value);
    }
  }
  if (expression.find('$') != std::string::npos) {
    throw std::runtime_error("a variable that no dashboard has: " + expression);
  }
  return expression;
}

/// Without data, a coloured number would show the colour of the lowest value: green.
bool SaysUnknown(const rapidjson::Value& panel) {
  const auto& defaults = panel["fieldConfig"]["defaults"];
  if (!defaults.HasMember("noValue") || !defaults.HasMember("mappings")) return false;
  for (const auto& mapping : defaults["mappings"].GetArray()) {
    const bool is_special = mapping["type"] == "special";
    if (is_special && mapping["options"]["match"] == "null+nan") return true;
  }
  return false;
}

rapidjson::Document ReadDashboard(const std::string& dashboard) {
  rapidjson::Document json;
  json.Parse(ReadFile(SourcePath(dashboard)).c_str());
  if (json.HasParseError()) {
    throw std::runtime_error(dashboard + ": " + rapidjson::GetParseError_En(json.GetParseError()));
  }
  return json;
}

bool NeedsAQuery(std::string_view type) { return type != "row" && type != "alertlist"; }

}  // namespace

std::vector<PanelQuery> ReadPanels(const std::string& dashboard) {
  const rapidjson::Document json = ReadDashboard(dashboard);
  if (!json["uid"].IsString() || !json["title"].IsString() || !json["panels"].IsArray()) {
    throw std::runtime_error(dashboard + " has no uid, title or panels");
  }
  std::vector<PanelQuery> queries;
  for (const auto& panel : json["panels"].GetArray()) {
    const std::string title = panel["title"].GetString();
    if (!NeedsAQuery(panel["type"].GetString())) continue;
    if (panel["type"] == "stat" && !SaysUnknown(panel)) {
      throw std::runtime_error(title + " does not show unknown values");
    }
    if (panel["targets"].Empty()) throw std::runtime_error(title + " has no query");
    for (const auto& target : panel["targets"].GetArray()) {
      queries.push_back({title, WithoutVariables(target["expr"].GetString())});
    }
  }
  return queries;
}

std::vector<PanelQuery> ReadAnnotations(const std::string& dashboard) {
  const rapidjson::Document json = ReadDashboard(dashboard);
  std::vector<PanelQuery> queries;
  for (const auto& annotation : json["annotations"]["list"].GetArray()) {
    queries.push_back(
        {annotation["name"].GetString(), WithoutVariables(annotation["expr"].GetString())});
  }
  return queries;
}

}  // namespace tests
