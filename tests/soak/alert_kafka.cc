// The broker freezes and is killed. A record is too large for the producer.
#include <memory>
#include <thread>
#include <vector>

#include "tests/harness/faults.h"
#include "tests/soak/alert_scene.h"

namespace soak {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Time = tests::FaultSchedule::Time;

constexpr int kNode = 1;

void FlapTheBroker(const AlertScene& scene) {
  tests::FaultSchedule schedule;
  Time next = Time::clock::now();
  const auto flap = [&] {
    const Time now = Time::clock::now();
    schedule.Advance(now);
    if (!schedule.IsQuiet()) {
      next = now + seconds(1);
    } else if (now >= next) {
      schedule.Inflict(std::make_unique<tests::FrozenBroker>(scene.run.broker()),
                       milliseconds(3200), now);
    }
  };
  scene.watch.Inflict("slow");
  scene.watch.Await("slow", flap);
  schedule.Finish();
  scene.watch.Heal("slow");
  scene.watch.Settle("slow");
}

void KillTheBrokerUntilTheSpoolIsFull(const AlertScene& scene) {
  // Enough callbacks are in hand for a transaction of every lane.
  scene.world.pipeline().Behave(R"({"latency_ms":500})");
  scene.watch.RestUntil(common::WallNow() + seconds(2));
  scene.watch.Inflict("outage");
  scene.run.broker().Kill(kNode);
  std::vector<std::jthread> posts;
  for (int sent = 0; sent < 16; ++sent) {
    posts.emplace_back([&scene] { (void)scene.world.Post("paper", 150'000); });
  }
  scene.watch.Await("outage");
  scene.run.broker().Restart(kNode);
  scene.world.pipeline().Behave(kHealthyApi);
  scene.watch.Heal("outage");
  scene.watch.Settle("outage");
}

void SendARecordThatIsTooLarge(const AlertScene& scene) {
  scene.watch.Inflict("spooled");
  scene.run.FailIf(scene.world.Post("paper", 300'000) != 200,
                   "a callback that Kafka does not accept was not spooled");
  scene.watch.Await("spooled");
  scene.world.pipeline().ingest_kafka["message.max.bytes"] = "2000000";
  scene.world.KillIngest();
  scene.world.StartIngest();
  const std::string spool = scene.world.pipeline().spool_path();
  scene.run.FailIf(!scene.world.Ctl({"spool", "retry", "--path", spool}),
                   "the refused callback cannot be retried");
  scene.watch.Heal("spooled");
  scene.watch.Settle("spooled");
}

}  // namespace

void PlayFaultsOfKafka(const AlertScene& scene) {
  FlapTheBroker(scene);
  KillTheBrokerUntilTheSpoolIsFull(scene);
  SendARecordThatIsTooLarge(scene);
}

}  // namespace soak
