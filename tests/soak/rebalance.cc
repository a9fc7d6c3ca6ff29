// Measures how long partitions stand still under load when an instance joins, leaves, is restarted
// or is killed.
#include "tests/harness/json.h"
#include "tests/harness/log_events.h"
#include "tests/soak/callback_writer.h"
#include "tests/soak/instances.h"
#include "tests/soak/scenarios.h"
#include "tests/soak/standstill.h"

namespace soak {
namespace {

using std::chrono::seconds;
using Kind = HistoryEvent::Kind;

constexpr int kNodes = 3;
constexpr int kPartitions = 12;
constexpr int kRedeliveries = 3;

/// The third instance, which is started and stopped while two others stay.
class ThirdInstance {
 public:
  explicit ThirdInstance(Run& run) : run_(run), pipeline_(run.pipeline()) {}

  void Comes(const std::string& moment) {
    Note(Kind::kMoment, moment);
    ComesBack(moment);
  }
  void ComesBack(const std::string& moment) {
    pipeline_.StartConsumer(kName);
    AwaitShared(moment, {"1", "2", kName});
  }
  void Goes(const std::string& moment) {
    Note(Kind::kMoment, moment);
    (void)pipeline_.consumer_program(kName).Stop(seconds(15));
  }
  void Dies(const std::string& moment) {
    Note(Kind::kMoment, moment);
    Note(Kind::kStopped, kName);
    pipeline_.consumer(kName).Kill();
  }
  void StaysAway(const std::string& moment) { AwaitShared(moment, {"1", "2"}); }

  /// Actions on the instance, and events from the instances' logs.
  [[nodiscard]] std::vector<HistoryEvent> History() const;

 private:
  static constexpr const char* kName = "3";

  void Note(Kind kind, const std::string& name) {
    noted_.push_back({.at = common::WallNow(), .kind = kind, .name = name});
  }
  /// Waits until these instances share all partitions and each of them has some.
  void AwaitShared(const std::string& moment, const std::vector<std::string>& names);

  Run& run_;
  tests::Pipeline& pipeline_;
  std::vector<HistoryEvent> noted_;
};

void ThirdInstance::AwaitShared(const std::string& moment, const std::vector<std::string>& names) {
  tests::FaultSchedule no_faults;
  const auto is_shared = [&] {
    double sum = 0;
    for (const std::string& name : names) {
      const auto running = GaugeOf(pipeline_, name, "partitions", {{"state", "running"}});
      if (running.value_or(0) == 0) return false;
      sum += *running;
    }
    return sum == kPartitions;
  };
  AwaitAmongFaults(no_faults, is_shared, seconds(60), moment + ": the partitions are not shared");
  // By then, every partition is being read again.
  const auto settled = std::chrono::steady_clock::now() + seconds(1);
  AwaitAmongFaults(
      no_faults, [&] { return std::chrono::steady_clock::now() >= settled; }, seconds(60),
      "the wait does not end");
}

std::vector<HistoryEvent> ThirdInstance::History() const {
  std::vector<HistoryEvent> history = noted_;
  const auto time_of = [](const rapidjson::Document& event) {
    return common::ParseRfc3339(tests::TextIn(event, "time")).value();
  };
  for (const std::string& name : InstanceNames()) {
    for (const std::string& log : pipeline_.consumer_program(name).Logs()) {
      tests::ForEachEvent(log, "lane.revoked", [&](const rapidjson::Document& event) {
        history.push_back({.at = time_of(event), .kind = Kind::kStopped, .name = name});
      });
      tests::ForEachEvent(log, "partition.restored", [&](const rapidjson::Document& event) {
        history.push_back({.at = time_of(event),
                           .kind = Kind::kRestored,
                           .name = name,
                           .partition = static_cast<int>(tests::NumberIn(event, "partition"))});
      });
    }
  }
  return history;
}

}  // namespace

void PlayRebalance(Run& run) {
  const int count = run.options().count.value_or(10);
  const int rate = run.options().rate.value_or(200);
  const int callbacks = rate * count * 60;  // More than needed.
  run.StartBroker(kNodes);
  tests::Pipeline& pipeline = run.StartPipeline(kNodes);
  run.Step("two instances, and " + std::to_string(rate) + " deliveries a second");
  pipeline.StartConsumer("1");
  pipeline.StartConsumer("2");
  ThirdInstance third(run);
  third.StaysAway("start");
  CallbackWriter writer(run.broker().bootstrap(),
                        {.topic = pipeline.topics().callbacks,
                         .deliveries = PlanDeliveries(callbacks, kRedeliveries, run.seed()),
                         .rate = rate});
  for (int round = 1; round <= count; ++round) {
    run.Step("  round " + std::to_string(round) + " of " + std::to_string(count) +
             ": joins, restarts, leaves, joins, is killed and restarted, is killed");
    third.Comes("joins");
    third.Goes("is-restarted");
    third.ComesBack("is-restarted");
    third.Goes("leaves");
    third.StaysAway("leaves");
    third.Comes("joins");
    third.Dies("is-killed-and-back");
    third.ComesBack("is-killed-and-back");
    third.Dies("is-killed");
    third.StaysAway("is-killed");
  }
  run.FailIf(writer.IsDone(), "the load ended too early");
  writer.Abandon();
  run.Tell("longest standstill of a partition when a third instance");
  for (const auto& [name, times] : FindStandstills(third.History())) {
    run.Tell(DescribeStandstills(name, times));
  }
}

}  // namespace soak
