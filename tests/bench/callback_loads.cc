#include "tests/bench/callback_loads.h"

#include <fstream>
#include <utility>

#include "tests/bench/acknowledged_ids.h"
#include "tests/support/kafka_client.h"

namespace bench {
namespace {

constexpr std::chrono::seconds kReadLimit(300);

std::unique_ptr<tests::Process> BeginLoad(const MeasuredIngest& ingest,
                                          CallbackLoads::Arguments arguments) {
  arguments.insert(arguments.end(), {"--port", std::to_string(ingest.port()), "--pid",
                                     std::to_string(ingest.pid())});
  return std::make_unique<tests::Process>(tests::Binary("bench-load"), std::move(arguments));
}

}  // namespace

CallbackLoads::CallbackLoads(Bench& bench, const std::string& name, Target target)
    : bench_(bench), target_(std::move(target)), ids_(bench.directory() / ("ids." + name)) {
  std::filesystem::create_directories(ids_);
}

CallbackLoads::Arguments CallbackLoads::WithIds(double seconds, const Arguments& more) {
  const std::string load = bench_.NextLoad();
  Arguments arguments{"--seconds", Text(seconds), "--run", load, "--ids", ids_ / load};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::unique_ptr<tests::Process> CallbackLoads::BeginCallbacks(const MeasuredIngest& ingest,
                                                              double seconds,
                                                              const Arguments& more) {
  Arguments arguments = WithIds(seconds, more);
  arguments.insert(arguments.end(), {"--authorization", MeasuredIngest::kAuthorization});
  return BeginLoad(ingest, std::move(arguments));
}

std::unique_ptr<tests::Process> CallbackLoads::BeginFlood(const MeasuredIngest& ingest,
                                                          double seconds, const Arguments& more) {
  Arguments arguments{"--seconds", Text(seconds)};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return BeginLoad(ingest, std::move(arguments));
}

void CallbackLoads::MeasureCallbacks(const std::string& series, const MeasuredIngest& ingest,
                                     double seconds, const Arguments& more) {
  bench_.CollectFrom(series, *BeginCallbacks(ingest, seconds, more));
}

void CallbackLoads::MeasureProduced(const std::string& series, double seconds,
                                    const Arguments& more) {
  Arguments arguments = WithIds(seconds, more);
  arguments.insert(arguments.end(), {"--bootstrap", target_.bootstrap, "--topic", target_.topic});
  bench_.Measure(series, "bench-produce", std::move(arguments));
}

CallbackLoads::Verified CallbackLoads::Verify() {
  AcknowledgedIds ids;
  for (const auto& file : std::filesystem::directory_iterator(ids_)) {
    std::ifstream lines(file.path());
    ids.Read(lines);
  }
  ids.Sort();
  tests::KafkaClient(target_.bootstrap)
      .ForEach(
          target_.topic, tests::Isolation::kReadUncommitted,
          [&](const tests::Record& record) { ids.Found(record.key.value_or("")); }, kReadLimit);
  std::filesystem::remove_all(ids_);
  return {.acknowledged = ids.count(), .missing = ids.CountMissing()};
}

}  // namespace bench
