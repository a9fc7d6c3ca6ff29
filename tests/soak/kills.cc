// kill -9 of ingest at random moments under load, while brokers are killed and frozen.
#include "tests/harness/faults.h"
#include "tests/soak/scenarios.h"
#include "tests/soak/settlement.h"

namespace soak {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Time = tests::FaultSchedule::Time;

constexpr int kNodes = 3;

/// Repeatedly kills and restarts one broker, or freezes all of them.
class BrokerFaults {
 public:
  explicit BrokerFaults(Run& run) : run_(run), next_(After(Time::clock::now())) {}

  void Advance() {
    const Time now = Time::clock::now();
    schedule_.Advance(now);
    if (!schedule_.IsQuiet()) {
      next_ = After(now);
    } else if (now >= next_) {
      InflictOne(now);
    }
  }
  void Finish() { schedule_.Finish(); }

 private:
  [[nodiscard]] Time After(Time now) { return now + run_.DrawTime(seconds(2), seconds(8)); }

  void InflictOne(Time now) {
    if (run_.Draw(0, 1) == 1) {
      const int node = run_.Draw(1, kNodes);
      schedule_.Inflict(std::make_unique<tests::KilledNode>(run_.broker(), node),
                        run_.DrawTime(seconds(0), seconds(3)), now);
    } else {
      schedule_.Inflict(std::make_unique<tests::FrozenBroker>(run_.broker()),
                        run_.DrawTime(seconds(1), seconds(3)), now);
    }
  }

  Run& run_;
  tests::FaultSchedule schedule_;
  Time next_;
};

}  // namespace

void PlayKills(Run& run) {
  const int rate = run.options().rate.value_or(150);
  const int count = run.options().count.value_or(200);
  run.StartBroker(kNodes);
  tests::Pipeline& pipeline = run.StartPipeline(kNodes);
  pipeline.StartIngest();
  pipeline.StartConsumer();
  const auto deliveries = pipeline.StartDelivery(
      {"--providers", kProviderMix, "--speed", "720", "--duplicate-rate", "0.1", "--open-loop",
       std::to_string(rate), "--count", std::to_string(rate * count * 10), "--seed",
       std::to_string(run.seed())});
  BrokerFaults faults(run);
  for (int killed = 1; killed <= count; ++killed) {
    const Time next = Time::clock::now() + run.DrawTime(milliseconds(100), milliseconds(2500));
    const auto is_time = [&] {
      faults.Advance();
      return Time::clock::now() >= next;
    };
    run.Await(is_time, seconds(120), "the wait does not end");
    if (killed % 20 == 0) run.Step("  " + std::to_string(killed) + " kills");
    pipeline.ingest().Kill();
    pipeline.RestartIngest();
  }
  faults.Finish();
  deliveries->Stop();
  const Settlement settlement = Settle(run, deliveries->Finish());
  run.Tell(settlement.delivered.report);
  run.Tell(std::to_string(count) + " kills (seed " + std::to_string(run.seed()) + "), " +
           std::to_string(settlement.delivered.CountRefused()) +
           " callbacks were never answered 200");
  JudgeExactlyOnce(run, settlement);
}

}  // namespace soak
