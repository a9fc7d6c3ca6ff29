#include "tests/bench/consuming.h"

#include <fstream>
#include <stdexcept>

#include "ops/bench/measuring.h"
#include "tests/bench/measured_ingest.h"
#include "tests/support/kafka_client.h"
#include "tests/support/wait_until.h"

namespace bench {
namespace {

constexpr std::chrono::seconds kStopLimit(30);
constexpr std::chrono::seconds kJoinLimit(60);

std::filesystem::path NewDirectory(Bench& bench, const std::string& name) {
  const auto directory = bench.directory() / (name + "-" + bench.NextLoad());
  std::filesystem::create_directories(directory);
  return directory;
}

std::string Configuration(const std::string& bootstrap, const std::string& prefix,
                          const std::string& api, const MeasuredConsumer::Plan& plan,
                          const std::string& name) {
  return plan.line + "\nadmin: 127.0.0.1:0\ngroup: " + prefix + plan.group +
         "\ninstance: " + prefix + name + "\nkafka: { bootstrap.servers: \"" + bootstrap +
         "\" }\ntopics: { callbacks: " + prefix + "callbacks, seen: " + prefix +
         "callbacks.seen, processes: " + prefix + "processes, dead: " + prefix +
         "callbacks.dead }\nassure:\n  base_url: " + api + "/assure\n  token_url: " + api +
         "/auth/open/connect/token\n  client_id: bench\n  client_secret: bench\n";
}

}  // namespace

BenchApi::BenchApi(Bench& bench, const std::string& latency_ms)
    : bench_(bench),
      api_(std::make_unique<tests::AssureApi>(
          NewDirectory(bench, "api"), std::vector<std::string>{"--latency-ms", latency_ms})) {}

double BenchApi::CpuSecondsWithBroker() {
  return CpuSecondsOfProcess(api_->program().process().pid()) + CpuSecondsOfBroker(bench_);
}

double CpuSecondsOfBroker(Bench& bench) {
  double sum = 0;
  for (int node = 1; node <= bench.broker().nodes(); ++node) {
    sum += CpuSecondsOfProcess(bench.broker().pid(node));
  }
  return sum;
}

MeasuredTopics::MeasuredTopics(Bench& bench, int partitions)
    : bench_(bench), prefix_(tests::UniqueName("bench") + ".") {
  CreateTopics(bench, bench.broker().bootstrap(), prefix_, partitions);
}

std::vector<std::string> MeasuredTopics::With(const std::string& command,
                                              std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), {command, bench_.broker().bootstrap(), prefix_});
  return arguments;
}

MeasuredConsumer::MeasuredConsumer(Bench& bench, const MeasuredTopics& topics,
                                   const std::string& api_url, const Plan& plan) {
  const std::string name = "consumer-" + bench.NextLoad();
  const std::string file = bench.directory() / (name + ".yaml");
  std::ofstream(file) << Configuration(bench.broker().bootstrap(), topics.prefix(), api_url, plan,
                                       name);
  process_ = bench.Start(name, "consumer", {"--config", file});
  admin_ = "127.0.0.1:" + std::to_string(Bench::AwaitNumber(*process_, "admin_port"));
}

MeasuredConsumer::~MeasuredConsumer() { (void)process_->Terminate(kStopLimit); }

void MeasuredConsumer::AwaitInGroup() const {
  const auto is_restored = [&] {
    const auto metrics = Metrics();
    return metrics && metrics->Sum("sluice_consumer_partitions", {{"state", "running"}}) > 0 &&
           metrics->Sum("sluice_consumer_partitions", {{"state", "restoring"}}) == 0;
  };
  if (!tests::WaitUntil(is_restored, kJoinLimit, std::chrono::milliseconds(50))) {
    throw std::runtime_error("a consumer does not start: " + process_->Describe());
  }
}

Watched Watch(Bench& bench, std::int64_t count, const std::vector<std::string>& instances) {
  std::vector<std::string> arguments{"watch", std::to_string(count)};
  arguments.insert(arguments.end(), instances.begin(), instances.end());
  const auto figures = bench.Figures("bench-fetches", std::move(arguments), 3);
  return {.counted = figures[0], .seconds = figures[1], .cpu_seconds = figures[2]};
}

}  // namespace bench
