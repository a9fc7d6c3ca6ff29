#include "tests/harness/prometheus.h"

#include <stdexcept>
#include <string_view>
#include <vector>

#include "common/base/text.h"
#include "tests/support/http_client.h"

namespace tests {
namespace {

constexpr std::chrono::seconds kStartLimit(30);

std::string Configuration(const std::map<std::string, std::string>& targets) {
  std::string yaml =
      "global: { scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 1s }\n"
      "rule_files: [" +
      SourcePath("ops/prometheus/sluice.rules.yml") + "]\nscrape_configs:\n";
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

}  // namespace

Prometheus::Prometheus(const std::map<std::string, std::string>& targets)
    : process_(
          "/usr/bin/prometheus",
          {"--config.file=" + directory_.Write("prometheus.yml", Configuration(targets)).string(),
           "--storage.tsdb.path=" + (directory_.path() / "data").string(),
           "--web.listen-address=127.0.0.1:0"}) {
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

rapidjson::Document Prometheus::Ask(const std::string& path) const {
  rapidjson::Document json;
  json.Parse(Get(url_ + path).body.c_str());
  return json;
}

}  // namespace tests
