#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/cluster/site.h"
#include "tests/simulation/ingest/world/judge.h"
#include "tests/simulation/ingest/world/process.h"
#include "tests/simulation/ingest/world/scenario.h"
#include "tests/simulation/ingest/world/senders.h"

namespace simulation::intake {

/// The result of a scenario.
struct Outcome {
  std::vector<std::string> violations;
  std::uint64_t hash = 0;
  std::size_t facts = 0;
  std::size_t deliveries = 0;
  std::size_t promised = 0;  ///< Deliveries that were answered 200.
  std::size_t spooled = 0;   ///< Records that went through a spool,
  std::size_t copies = 0;    ///< and records of a delivery that Kafka had already.
  std::size_t written = 0;   ///< Deliveries that are in Kafka.
  std::size_t refused = 0;   ///< In the files of refused callbacks.
  std::size_t faults = 0;
  std::chrono::seconds covered{};
  std::vector<std::string> trace;
  [[nodiscard]] bool is_good() const { return violations.empty(); }
};

/// Instances of ingest on their disks, providers in front of them and a cluster behind, to which
/// things happen.
class World {
 public:
  explicit World(const Scenario& scenario, bool keeps_trace = false);
  /// On a site with a cluster, where others may act, too.
  World(const Scenario& scenario, Site& site);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Everything, to the end: faults, peace, the last look.
  [[nodiscard]] Outcome Run();

  // The parts of Run(), for who has a larger one.
  void Do(const Action& action);
  void EndFaults();
  [[nodiscard]] bool IsDone() const;
  /// SIGTERM for all.
  void StopAll();
  [[nodiscard]] bool HaveAllEnded() const;
  /// Leaks the processes that have not ended, since a destructor would wait for them for ever.
  void LeaveAll();
  /// Something happens to Kafka that cannot be seen in it.
  void DoubtKafka();
  /// No request waits in a socket any more.
  void BreakUnread();
  /// Looks for what is not well.
  void NoteTroubles();
  [[nodiscard]] Judge& judge() { return judge_; }
  [[nodiscard]] Senders& senders() { return senders_; }

 private:
  /// `shared` null: its own.
  World(const Scenario& scenario, std::unique_ptr<Site> own, Site* shared);
  struct Slot {
    std::unique_ptr<Disk> disk;
    Process* process = nullptr;  ///< Its current run.
    Time deaf_until{};
    bool must_start = false;  ///< Once the current run has ended.
  };

  [[nodiscard]] Cluster& MakeCluster();
  void DoToProcess(const Action& action, Slot& slot);
  void DoToDisk(const Action& action, Slot& slot);
  void DoToKafka(const Action& action);
  /// After its span, unless faults have ended.
  void Undo(const Action& action, std::function<void()> undo);
  void Start(Slot& slot);
  void StartAgain(Slot& slot, Span after);
  void StartWhenEnded(Slot& slot, Span after);
  [[nodiscard]] std::vector<Process*> Current() const;
  void Look();
  void NoteTroubles(Slot& slot);
  [[nodiscard]] bool IsKafkaWell() const;
  [[nodiscard]] bool IsKafkaDead() const;
  void EndAll();

  const Scenario scenario_;
  const std::unique_ptr<Site> own_;  ///< Null: others act there, too.
  Site& site_;
  Runtime& runtime_;
  Random random_;
  Trace& trace_;
  Judge judge_;
  common::Logger log_;
  Cluster& cluster_;
  std::vector<Slot> slots_;
  std::vector<std::unique_ptr<Process>> all_;
  Senders senders_;
  int last_host_ = 0;
  int short_of_replicas_ = 0;  ///< Partitions.
  std::uint64_t peace_ = 0;    ///< Faults that began before it ended with it.
};

[[nodiscard]] Outcome RunScenario(const Scenario& scenario, bool keeps_trace = false);

}  // namespace simulation::intake
