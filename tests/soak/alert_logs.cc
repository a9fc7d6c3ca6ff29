// The broker loses parts of its logs, a topic is recreated, and Connect sends nothing.
#include <filesystem>
#include <fstream>

#include "tests/soak/alert_rules.h"
#include "tests/soak/alert_scene.h"
#include "tests/soak/broken_logs.h"
#include "tests/support/temp_directory.h"

namespace soak {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kNode = 1;
constexpr seconds kPatience(60);

std::filesystem::path DataOf(const AlertScene& scene) {
  return scene.run.directory() / "kafka/node-1";
}

/// Waits until ingest has stored the load of so many seconds.
void AwaitStored(const AlertScene& scene, int load_seconds) {
  const double least = scene.world.StoredByIngest() + load_seconds * scene.world.rate();
  scene.watch.Expect([&] { return scene.world.StoredByIngest() >= least; }, kPatience,
                     "ingest does not store");
}

/// The alert can fire once "yesterday" is six minutes ago.
void SilenceConnect(const AlertScene& scene) {
  const milliseconds yesterday = std::chrono::hours(24);
  scene.watch.RestUntil(scene.watch.begun() + yesterday / (scene.run.options().scale * kDayFactor) +
                        seconds(15));
  scene.watch.Inflict("silence");
  scene.world.SilenceConnect();
  scene.watch.Await("silence");
  scene.world.SendConnect();
  scene.watch.Heal("silence");
  scene.watch.Settle("silence");
}

void LoseLastRecords(const AlertScene& scene) {
  scene.watch.Inflict("lossy");
  for (int times = 1; times <= 3; ++times) {
    // The producer must have further records on every partition: a producer that a broker does not
    // know may begin at any sequence number.
    AwaitStored(scene, 6);
    scene.run.broker().Kill(kNode);
    // Recovery removes an incomplete batch, and the producer's next one does not follow.
    CutLastBatches(DataOf(scene), scene.world.pipeline().topics().callbacks);
    scene.run.broker().Restart(kNode);
    scene.watch.Expect([&] { return scene.world.SumOfIngest("producer_restarts_total") >= times; },
                       kPatience, "the producer was not rebuilt (" + std::to_string(times) + ")");
  }
  scene.watch.Await("lossy");
  scene.watch.Heal("lossy");
  if (scene.run.options().scale > 1) SilenceConnect(scene);
  scene.watch.Settle("lossy");
}

/// The effects of a restored volume, and of retention on a lag: the first half of the partitions is
/// empty, and the logs of the other half begin where they end.
void LoseLogs(const AlertScene& scene) {
  constexpr int kPartitions = 12;
  const std::string& topic = scene.world.pipeline().topics().callbacks;
  scene.world.KillConsumer();
  scene.watch.Inflict("logs");
  AwaitStored(scene, 3);
  std::map<int, std::int64_t> begins;
  for (int partition = kPartitions / 2; partition < kPartitions; ++partition) {
    begins[partition] = scene.world.pipeline().kafka().HighWatermark(topic, partition);
  }
  scene.run.broker().Kill(kNode);
  for (int partition = 0; partition < kPartitions / 2; ++partition) {
    EmptyLog(DataOf(scene), topic, partition);
  }
  const auto checkpoint = DataOf(scene) / "log-start-offset-checkpoint";
  const std::string text = WithBegins(tests::ReadFile(checkpoint), topic, begins);
  std::ofstream(checkpoint) << text;
  scene.run.broker().Restart(kNode);
  scene.world.StartConsumer();
  scene.watch.Await("logs");
  scene.watch.Heal("logs");
  scene.watch.Settle("logs");
}

void RecreateCallbacks(const AlertScene& scene) {
  tests::Pipeline& pipeline = scene.world.pipeline();
  scene.watch.Inflict("anew");
  pipeline.kafka().DeleteTopic(pipeline.topics().callbacks);
  scene.watch.RestUntil(common::WallNow() + seconds(2));
  const bool is_made = scene.world.Ctl(
      {"topics", "create", "--config", pipeline.consumer_yaml().string(), "--replication", "1"});
  scene.run.FailIf(!is_made, "the topics cannot be created");
  scene.watch.Await("anew");
  scene.watch.Heal("anew");
  scene.watch.Settle("anew");
}

}  // namespace

void PlayFaultsOfLogs(const AlertScene& scene) {
  LoseLastRecords(scene);
  LoseLogs(scene);
  RecreateCallbacks(scene);
}

}  // namespace soak
