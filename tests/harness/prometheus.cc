#include "tests/harness/prometheus.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string_view>

#include "common/base/text.h"
#include "tests/support/http_client.h"

namespace tests {
namespace {

constexpr std::chrono::seconds kStartLimit(30);

std::string Configuration(const std::map<std::string, std::string>& targets) {
  std::string yaml =
      "global: { scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 1s }\n"
      "rule_files: [" +
      SourcePath("ops/prometheus/sluice.rules.yml") + ", " +
      SourcePath("ops/prometheus/sluice.slo.yml") + "]\nscrape_configs:\n";
  for (const auto& [job, address] : targets) {
    yaml +=
        "  - { job_name: " + job + ", static_configs: [ { targets: [\"" + address + "\"] } ] }\n";
  }
  return yaml;
}

/// The address after the last "Listening on" in its log.
std::string AddressIn(const std::string& log) {
  constexpr std::string_view kBefore = "msg=\"Listening on\" address=";
  const std::size_t at = log.find(kBefore);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + kBefore.size();
  return log.substr(begin, log.find_first_of(" \n", begin) - begin);
}

Process Launch(const std::filesystem::path& directory, const std::string& configuration) {
  const auto file = directory / "prometheus.yml";
  std::ofstream(file) << configuration;
  const auto log = directory / "prometheus.log";
  return Process("/usr/bin/prometheus",
                 {"--config.file=" + file.string(),
                  "--storage.tsdb.path=" + (directory / "prometheus").string(),
                  "--web.listen-address=127.0.0.1:0"},
                 {}, {log, log});
}

/// The series of an answer to a query; empty if there is no answer.
std::vector<const rapidjson::Value*> SeriesIn(const rapidjson::Document& json) {
  std::vector<const rapidjson::Value*> all;
  if (!json.IsObject() || !json.HasMember("data") || !json["data"].HasMember("result")) return all;
  for (const auto& series : json["data"]["result"].GetArray()) {
    if (series.IsObject()) all.push_back(&series);
  }
  return all;
}

std::string AlertOf(const rapidjson::Value& series) {
  const auto& labels = series["metric"];
  return labels.HasMember("alertname") ? labels["alertname"].GetString() : "";
}

/// Seconds since 1970, as Prometheus takes them.
std::string TimeText(common::WallTime time) {
  return std::to_string(static_cast<double>(time.time_since_epoch().count()) / 1000);
}

}  // namespace

Prometheus::Prometheus(const std::map<std::string, std::string>& targets)
    : own_directory_(std::in_place),
      process_(Launch(own_directory_->path(), Configuration(targets))) {
  AwaitStart();
}

Prometheus::Prometheus(const std::filesystem::path& directory, const std::string& configuration)
    : process_(Launch(directory, configuration)) {
  AwaitStart();
}

void Prometheus::AwaitStart() {
  if (!process_.WaitForOutput("Server is ready to receive web requests", kStartLimit)) {
    throw std::runtime_error("Prometheus does not start\n" + process_.Describe());
  }
  url_ = "http://" + AddressIn(process_.StandardError());
}

Prometheus::Answer Prometheus::Query(const std::string& expression) const {
  const auto json = Ask("/api/v1/query?query=" + common::PercentEncode(expression));
  if (!json.IsObject() || !json.HasMember("data")) {
    const bool has_reason = json.IsObject() && json.HasMember("error");
    return {.error = has_reason ? json["error"].GetString() : "no answer"};
  }
  Answer answer;
  const auto& result = json["data"]["result"];
  if (json["data"]["resultType"] == "scalar") return {.error = "a scalar belongs to no series"};
  for (const auto& series : result.GetArray()) {
    if (series["value"][1] != "NaN") answer.has_data = true;
  }
  return answer;
}

std::set<std::string> Prometheus::Alerts(const std::string& state) const {
  const auto json = Ask("/api/v1/alerts");
  std::set<std::string> names;
  if (!json.IsObject() || !json.HasMember("data")) return names;
  for (const auto& alert : json["data"]["alerts"].GetArray()) {
    if (alert["state"] == state.c_str()) names.insert(alert["labels"]["alertname"].GetString());
  }
  return names;
}

std::optional<double> Prometheus::Value(const std::string& expression) const {
  const auto json = Ask("/api/v1/query?query=" + common::PercentEncode(expression));
  const auto series = SeriesIn(json);
  if (series.size() != 1) return std::nullopt;
  return std::strtod((*series.front())["value"][1].GetString(), nullptr);
}

std::set<std::string> Prometheus::AlertNames(const std::string& expression) const {
  const auto json = Ask("/api/v1/query?query=" +
                        common::PercentEncode("group by (alertname) (" + expression + ")"));
  std::set<std::string> names;
  for (const auto* series : SeriesIn(json)) names.insert(AlertOf(*series));
  return names;
}

std::map<std::string, std::vector<common::WallTime>> Prometheus::FiredBetween(
    common::WallTime from, common::WallTime to, std::chrono::milliseconds step) const {
  // All evaluations of a step: an alert may fire for less than one.
  const std::string fired_in_step =
      "group by (alertname) (max_over_time(ALERTS{alertstate=\"firing\"}[" +
      std::to_string(step.count()) + "ms]))";
  const auto json = Ask("/api/v1/query_range?query=" + common::PercentEncode(fired_in_step) +
                        "&start=" + TimeText(from) + "&end=" + TimeText(to) +
                        "&step=" + std::to_string(static_cast<double>(step.count()) / 1000));
  std::map<std::string, std::vector<common::WallTime>> fired;
  for (const auto* series : SeriesIn(json)) {
    for (const auto& point : (*series)["values"].GetArray()) {
      const auto since_1970 = std::chrono::duration<double>(point[0].GetDouble());
      fired[AlertOf(*series)].emplace_back(
          std::chrono::round<std::chrono::milliseconds>(since_1970));
    }
  }
  return fired;
}

std::vector<std::string> Prometheus::RuleErrors() const {
  const auto json = Ask("/api/v1/rules");
  if (!json.IsObject() || !json.HasMember("data")) return {"no answer"};
  std::vector<std::string> errors;
  for (const auto& group : json["data"]["groups"].GetArray()) {
    for (const auto& rule : group["rules"].GetArray()) {
      if (!rule.HasMember("lastError")) continue;
      errors.push_back(std::string(rule["name"].GetString()) + ": " +
                       rule["lastError"].GetString());
    }
  }
  return errors;
}

rapidjson::Document Prometheus::Ask(const std::string& path) const {
  rapidjson::Document json;
  json.Parse(Get(url_ + path).body.c_str());
  return json;
}

}  // namespace tests
