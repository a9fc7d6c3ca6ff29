#include "tests/component/ingest/support/running_ingest.h"

#include <regex>
#include <stdexcept>

#include "tests/support/http_client.h"
#include "tests/support/wait_until.h"

namespace ingest {
namespace {

constexpr std::chrono::seconds kStartLimit{10};
constexpr const char* kProviders =
    "  onfido: { authorization: [\"onfido-secret\"] }\n"
    "  eid: { authorization: [\"eid-secret\"] }\n"
    "  readid: { authorization: [\"readid-secret\"] }\n"
    "  paper: { authorization: [\"paper-secret\"] }\n"
    "  connect: { auth: none }\n";

}  // namespace

std::string RunningIngest::ConfigText(const Options& options) {
  return "listen: 127.0.0.1:0\n"
         "admin: 127.0.0.1:0\n"
         "kafka: { bootstrap.servers: \"" +
         options.bootstrap + "\"" + options.more_kafka +
         " }\n"
         "topics: { callbacks: " +
         options.topic + " }\n" + options.more + "providers:\n" +
         options.providers.value_or(kProviders) + options.more_providers;
}

RunningIngest::RunningIngest(const Options& options) {
  const auto config = directory_.Write("ingest.yaml", ConfigText(options));
  process_ = std::make_unique<tests::Process>(
      tests::Binary("ingest"), std::vector<std::string>{"--config", config.string()});
  if (!process_->WaitForOutput("\"event\":\"ingest.listening\"", kStartLimit)) {
    throw std::runtime_error("ingest does not listen: " + process_->Describe());
  }
  const std::string log = process_->StandardError();
  std::smatch ports;
  if (!std::regex_search(log, ports, std::regex("\"port\":(\\d+),\"admin_port\":(\\d+)"))) {
    throw std::runtime_error("no ports in the log: " + log);
  }
  port_ = static_cast<std::uint16_t>(std::stoi(ports[1]));
  admin_port_ = static_cast<std::uint16_t>(std::stoi(ports[2]));
}

std::string RunningIngest::Url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::string RunningIngest::AdminUrl(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(admin_port_) + path;
}

bool RunningIngest::WaitUntilReady(std::chrono::milliseconds limit) const {
  return tests::WaitUntil([this] { return tests::Get(AdminUrl("/readyz")).status == 200; }, limit);
}

bool RunningIngest::WaitUntilNotReady(std::chrono::milliseconds limit) const {
  return tests::WaitUntil([this] { return tests::Get(AdminUrl("/readyz")).status == 503; }, limit);
}

std::string RunningIngest::Metrics() const { return tests::Get(AdminUrl("/metrics")).body; }

}  // namespace ingest
