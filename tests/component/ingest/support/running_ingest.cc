#include "tests/component/ingest/support/running_ingest.h"

#include <stdexcept>

#include "tests/support/http_client.h"
#include "tests/support/wait_until.h"

namespace ingest {
namespace {

constexpr std::chrono::seconds kStartLimit{60};
constexpr const char* kProviders =
    "  onfido: { authorization: [\"onfido-secret\"] }\n"
    "  eid: { authorization: [\"eid-secret\"] }\n"
    "  readid: { authorization: [\"readid-secret\"] }\n"
    "  paper: { authorization: [\"paper-secret\"] }\n"
    "  connect: { auth: none }\n";

std::unique_ptr<tests::Process> Start(int descriptors, const std::string& config) {
  const std::string binary = tests::Binary("ingest");
  if (descriptors == 0) {
    return std::make_unique<tests::Process>(binary, std::vector<std::string>{"--config", config});
  }
  const std::string limited = "ulimit -n " + std::to_string(descriptors) + R"( && exec "$0" "$@")";
  return std::make_unique<tests::Process>(
      "/bin/sh", std::vector<std::string>{"-c", limited, binary, "--config", config});
}

std::uint16_t PortAfter(const std::string& name, const std::string& log) {
  const std::size_t found = log.find(name);
  if (found == std::string::npos) throw std::runtime_error("no " + name + " in the log: " + log);
  return static_cast<std::uint16_t>(std::stoi(log.substr(found + name.size(), 5)));
}

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
  process_ = Start(options.descriptors, config.string());
  if (!process_->WaitForOutput("\"event\":\"ingest.listening\"", kStartLimit)) {
    throw std::runtime_error("ingest does not listen: " + process_->Describe());
  }
  const std::string log = process_->StandardError();
  port_ = PortAfter("\"port\":", log);
  admin_port_ = PortAfter("\"admin_port\":", log);
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
