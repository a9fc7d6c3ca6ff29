// The brokers are killed under load and stay down. They are killed and frozen, never stopped: if a
// Kafka 4 shuts down while its partitions have no leader left, it completes a transaction without
// marking its records, and readers stop there.
#include <optional>

#include "common/base/rfc3339.h"
#include "tests/soak/outage_verdict.h"
#include "tests/soak/poison.h"
#include "tests/soak/scenarios.h"
#include "tests/soak/settlement.h"

namespace soak {
namespace {

using std::chrono::seconds;

constexpr int kNodes = 3;
constexpr int kLateNode = 3;  ///< Has only the dead partition.
constexpr seconds kLaterBy(20);

/// The shape of `callbacks`. With one copy per partition, the late node has only the dead
/// partition's copy.
void ShapeCallbacks(const Options& options, std::optional<int> dead_partition, int copies,
                    tests::TopicSpec& spec) {
  spec.replication = copies;
  if (copies == 1) spec.configs["min.insync.replicas"] = "1";
  if (options.poison) {
    spec.configs["max.message.bytes"] = std::to_string(PoisonSender::kMostTopicBytes);
  }
  if (!dead_partition) return;
  for (int partition = 0; partition < spec.partitions; ++partition) {
    spec.nodes.push_back({partition == *dead_partition ? kLateNode : 1 + partition % 2});
  }
}

void StartAll(Run& run, std::optional<int> dead_partition, int copies) {
  run.StartBroker(kNodes);
  tests::Pipeline& pipeline = run.StartPipeline(kNodes, [&](tests::TopicSpec& spec) {
    ShapeCallbacks(run.options(), dead_partition, copies, spec);
  });
  if (run.options().poison) {
    pipeline.ingest_kafka["message.max.bytes"] = std::to_string(PoisonSender::kMostBytes);
  }
  pipeline.StartIngest();
  pipeline.StartConsumer();
}

OutageTimes LetBrokersBeAway(Run& run, seconds away) {
  tests::Broker& broker = run.broker();
  for (int node = 1; node <= kNodes; ++node) broker.Kill(node);
  run.Rest(away);
  run.Step("restarting the brokers");
  if (!run.options().dead_partition) {
    broker.Restart({1, 2, 3});
    const common::WallTime now = common::WallNow();
    return {now, now};
  }
  broker.Restart({1, 2});
  const common::WallTime kafka_is_there = common::WallNow();
  run.Step("Kafka is back except one partition, for " + Seconds(kLaterBy));
  run.Rest(kLaterBy);
  broker.Restart(kLateNode);
  return {kafka_is_there, common::WallNow()};
}

}  // namespace

void PlayOutage(Run& run) {
  const Options& options = run.options();
  const seconds away(options.seconds.value_or(60));
  const int rate = options.rate.value_or(2000);
  const int copies = options.copies.value_or(options.dead_partition ? 1 : kNodes);
  std::optional<int> dead_partition;
  if (options.dead_partition) dead_partition = run.Draw(0, kOutagePartitions - 1);
  StartAll(run, dead_partition, copies);
  tests::Pipeline& pipeline = run.pipeline();
  std::optional<PoisonSender> poison;
  if (options.poison) poison.emplace(pipeline.target());
  // Ten minutes of a provider's schedule take 6 s, so its attempts outlast the outage.
  const auto deliveries = pipeline.StartDelivery(
      {"--providers", kProviderMix, "--speed", "100", "--concurrency", "1500", "--open-loop",
       std::to_string(rate), "--count", std::to_string(rate * (away.count() + 30)), "--seed",
       std::to_string(run.seed())});
  run.Rest(seconds(10));
  run.Step("no broker for " + std::to_string(away.count()) + " s under " + std::to_string(rate) +
           " callbacks/s");
  const OutageTimes times = LetBrokersBeAway(run, away);
  run.Step("waiting for the providers' last attempts");
  run.Await([&] { return !deliveries->IsRunning(); }, seconds(away.count() * 4 + 400),
            "the providers do not finish");
  std::vector<PoisonSender::Sent> poisoned;
  if (poison) poisoned = poison->Finish();
  const Settlement settlement = Settle(run, deliveries->Finish());
  JudgeOutage(run, settlement, times, dead_partition, poisoned);
}

}  // namespace soak
