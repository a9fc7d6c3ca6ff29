#include "tests/soak/instances.h"

#include <stdexcept>

#include "tests/harness/log_events.h"
#include "tests/soak/callback_writer.h"
#include "tests/support/http_client.h"
#include "tests/support/wait_until.h"

namespace soak {

using std::chrono::milliseconds;
using std::chrono::seconds;

const std::vector<std::string>& InstanceNames() {
  static const std::vector<std::string> kNames{"1", "2", "3"};
  return kNames;
}

void UseShortSessions(tests::Pipeline& pipeline) {
  pipeline.consumer_kafka = {{"session.timeout.ms", std::to_string(milliseconds(kSession).count())},
                             {"heartbeat.interval.ms", "500"}};
}

void StartInstances(Run& run) {
  tests::Pipeline& pipeline = run.pipeline();
  for (const std::string& name : InstanceNames()) {
    if (!pipeline.HasConsumer(name)) pipeline.StartConsumer(name);
  }
  run.Await([&] { return AreAllReady(pipeline); }, seconds(60), "not all instances get ready");
}

bool IsReady(const tests::Pipeline& pipeline, const std::string& name) {
  const auto answer = tests::Send(
      {.url = "http://" + pipeline.consumer_admin(name) + "/readyz", .limit = seconds(2)});
  return answer.status == 200;
}

bool AreAllReady(const tests::Pipeline& pipeline) {
  for (const std::string& name : InstanceNames()) {
    if (!IsReady(pipeline, name)) return false;
  }
  return true;
}

std::optional<double> GaugeOf(const tests::Pipeline& pipeline, const std::string& name,
                              const std::string& gauge, const tests::MetricsPage::Labels& labels) {
  const auto metrics = tests::MetricsPage::Of(pipeline.consumer_admin(name));
  return metrics ? metrics->Value("sluice_consumer_" + gauge, labels) : std::nullopt;
}

std::size_t CountLogged(tests::Pipeline& pipeline, const std::string& event) {
  std::size_t count = 0;
  for (const std::string& name : InstanceNames()) {
    for (const std::string& log : pipeline.consumer_program(name).Logs()) {
      count += tests::CountEvents(log, event);
    }
  }
  return count;
}

void AwaitAmongFaults(tests::FaultSchedule& faults, const std::function<bool()>& condition,
                      seconds limit, const std::string& what) {
  const auto holds = [&] {
    faults.Advance(std::chrono::steady_clock::now());
    return condition();
  };
  if (!tests::WaitUntil(holds, limit, milliseconds(20))) throw std::runtime_error(what);
}

std::vector<std::string> ReadKeys(tests::Pipeline& pipeline, const std::string& topic) {
  std::vector<std::string> keys;
  pipeline.kafka().ForEach(
      topic, tests::Isolation::kReadCommitted,
      [&](const tests::Record& record) { keys.push_back(record.key.value_or("(null)")); },
      seconds(300));
  return keys;
}

std::vector<tests::Expected> ExpectAll(int callbacks) {
  std::vector<tests::Expected> expected;
  for (int callback = 0; callback < callbacks; ++callback) {
    expected.push_back({ProcessIdOf(callback)});
  }
  return expected;
}

}  // namespace soak
