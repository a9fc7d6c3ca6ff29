// consumer is killed. Afterwards foreign transactions that do not end keep it from restoring.
#include "tests/soak/alert_scene.h"
#include "tests/soak/open_transactions.h"

namespace soak {

void PlayFaultsOfConsumer(const AlertScene& scene) {
  AlertWatch& watch = scene.watch;
  const auto& topics = scene.world.pipeline().topics();
  watch.Inflict("consumer");
  scene.world.KillConsumer();
  watch.Await("consumer");

  // A third of the partitions cannot be restored; a quarter yields no records.
  watch.Inflict("hanging");
  OpenTransactions hanging(scene.run.broker().bootstrap());
  for (const int partition : {0, 1, 2, 3}) hanging.Open(topics.seen, partition);
  for (const int partition : {4, 5, 6}) hanging.Open(topics.callbacks, partition);
  hanging.Open(topics.expected, 8);  // Of a partition that is restored: only those are watched.
  scene.world.StartConsumer();
  watch.Heal("consumer");
  watch.Settle("consumer");
  watch.Await("hanging");
  hanging.AbortAll();
  watch.Heal("hanging");
  watch.Settle("hanging");

  watch.AwaitQuiet("clocks", std::chrono::seconds(330));
  watch.Settle("clocks");
  watch.Settle("lost");
}

}  // namespace soak
