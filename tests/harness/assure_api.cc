#include "tests/harness/assure_api.h"

#include <stdexcept>

#include "tests/harness/json.h"
#include "tests/support/http_client.h"

namespace tests {
namespace {

std::string Loopback(const simulator::PortHold& port) {
  return "127.0.0.1:" + std::to_string(port.port());
}

ProgramPlan PlanOf(const simulator::PortHold& port, const simulator::PortHold& admin_port,
                   std::vector<std::string> options) {
  options.insert(options.begin(), {"--listen", Loopback(port), "--admin", Loopback(admin_port)});
  return {"assure-sim", Binary("assure-sim"), std::move(options), "\"simulator.listening\""};
}

void Require(const HttpAnswer& answer) {
  if (answer.status != 200 && answer.status != 204) {
    throw std::runtime_error("the simulated API: " + answer.body + answer.error);
  }
}

}  // namespace

AssureApi::AssureApi(const std::filesystem::path& directory, std::vector<std::string> options)
    : port_(*simulator::PortHold::Reserve("127.0.0.1", 0)),
      admin_port_(*simulator::PortHold::Reserve("127.0.0.1", 0)),
      program_(directory, PlanOf(port_, admin_port_, std::move(options))) {
  program_.Start();
}

std::string AssureApi::address() const { return Loopback(port_); }
std::string AssureApi::admin_address() const { return Loopback(admin_port_); }

std::string AssureApi::Admin(std::string_view path) const {
  return "http://" + admin_address() + std::string(path);
}

void AssureApi::Behave(const std::string& json) { Require(Put(Admin("/behaviour"), json)); }

AssureApi::Stats AssureApi::TakeStats() {
  const HttpAnswer answer = Get(Admin("/stats"));
  Require(answer);
  const auto json = ParseJson(answer.body);
  const Stats stats{.most_at_once = NumberIn(json, "max_resource_concurrency"),
                    .despite_retry_after = NumberIn(json, "despite_retry_after")};
  Require(Send({.url = Admin("/stats"), .method = "DELETE"}));
  return stats;
}

}  // namespace tests
