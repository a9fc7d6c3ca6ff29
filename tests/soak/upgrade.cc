// An upgrade and its rollback under load: the binaries of an earlier commit (--old) and today's run
// side by side in one group and on one spool. Callbacks go into the spool by one release and out of
// it by the other, in both directions.
#include <stdexcept>

#include "tests/harness/faults.h"
#include "tests/soak/instances.h"
#include "tests/soak/scenarios.h"
#include "tests/soak/settlement.h"

namespace soak {
namespace {

using std::chrono::seconds;

/// One release takes the place of another, while the load goes on.
class Upgrade {
 public:
  explicit Upgrade(Run& run)
      : run_(run), phase_(run.options().seconds.value_or(60) / kPhases + 1) {}

  void StartAllOld() {
    Use("the earlier release", run_.options().old);
    run_.pipeline().StartIngest();
    StartInstances(run_);
  }

  void ReplaceAllBy(const std::string& release, const std::string& binaries) {
    Use(release, binaries);
    Replace(InstanceNames().front());
    run_.Rest(phase_);
    ReplaceIngestWithCallbacksInItsSpool();
    run_.Rest(phase_);
    for (std::size_t i = 1; i < InstanceNames().size(); ++i) Replace(InstanceNames()[i]);
    run_.Await([&] { return AreAllReady(run_.pipeline()); }, seconds(120),
               "not all instances get ready with " + release);
    run_.Rest(phase_);
  }

  [[nodiscard]] double Spooled() const { return spooled_; }

 private:
  static constexpr int kPhases = 6;

  void Use(const std::string& release, const std::string& binaries) {
    release_ = release;
    run_.pipeline().binaries = binaries;
  }

  /// Every other one is killed: a dead instance leaves more behind than one that stops.
  void Replace(const std::string& name) {
    const bool is_killed = run_.Draw(0, 1) == 1;
    run_.Step("consumer " + name + (is_killed ? " is killed" : " stops") + " and becomes " +
              release_);
    tests::Program& consumer = run_.pipeline().consumer_program(name);
    if (is_killed) {
      consumer.Kill();
    } else {
      (void)consumer.Stop();
    }
    run_.pipeline().StartConsumer(name);
  }

  void ReplaceIngestWithCallbacksInItsSpool() {
    tests::Pipeline& pipeline = run_.pipeline();
    tests::FrozenBroker frozen(run_.broker());
    run_.Step("Kafka freezes; ingest spools, and becomes " + release_);
    frozen.Inflict();
    run_.Await([&] { return SpooledNow() >= kLeastSpooled; }, seconds(60),
               "ingest spools too little");
    spooled_ += SpooledNow();
    (void)pipeline.ingest_program().Stop();
    pipeline.RestartIngest();
    run_.Rest(seconds(2));
    frozen.Heal();
    run_.Await([&] { return SpooledNow() == 0; }, seconds(120), "the spool does not drain");
  }

  [[nodiscard]] double SpooledNow() const {
    constexpr double kUnknown = -1;
    const auto metrics = tests::MetricsPage::Of(run_.pipeline().ingest_admin());
    return metrics ? metrics->Value("sluice_ingest_spool_records").value_or(kUnknown) : kUnknown;
  }

  static constexpr double kLeastSpooled = 50;

  Run& run_;
  seconds phase_;
  std::string release_;
  double spooled_ = 0;  ///< Callbacks that one release has left to the other.
};

}  // namespace

void PlayUpgrade(Run& run) {
  const int rate = run.options().rate.value_or(100);
  run.StartBroker(1);
  tests::Pipeline& pipeline = run.StartPipeline(1);
  UseShortSessions(pipeline);
  Upgrade upgrade(run);
  upgrade.StartAllOld();
  // More than are sent until it is told to stop.
  const auto deliveries =
      pipeline.StartDelivery({"--providers", kProviderMix, "--speed", "720", "--duplicate-rate",
                              "0.3", "--open-loop", std::to_string(rate), "--count",
                              std::to_string(rate * 3600), "--seed", std::to_string(run.seed())});
  run.Rest(seconds(5));
  upgrade.ReplaceAllBy("today's release", {});
  run.Step("and back");
  upgrade.ReplaceAllBy("the earlier release", run.options().old);
  deliveries->Stop();
  const Settlement settlement = Settle(run, deliveries->Finish());
  run.Tell(settlement.delivered.report);
  run.Tell("one release left " + std::to_string(static_cast<int>(upgrade.Spooled())) +
           " callbacks in the spool to the other");
  JudgeExactlyOnce(run, settlement);
}

}  // namespace soak
