#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/cluster/site.h"
#include "tests/simulation/ingest/world/world.h"
#include "tests/simulation/joint/judge.h"
#include "tests/simulation/joint/operators.h"
#include "tests/simulation/joint/scenario.h"
#include "tests/simulation/world/world.h"

namespace simulation::joint {

/// The result of a scenario.
struct Outcome {
  std::vector<std::string> violations;
  std::uint64_t hash = 0;
  std::size_t facts = 0;
  std::size_t deliveries = 0;
  std::size_t promised = 0;    ///< Deliveries that were answered 200.
  std::size_t copies = 0;      ///< Records of a delivery that Kafka had already,
  std::size_t spooled = 0;     ///< and records that went through a spool.
  std::size_t disposed = 0;    ///< Facts with a result or dead letter.
  std::size_t announced = 0;   ///< Processes, without a callback,
  std::size_t reconciled = 0;  ///< and those with a result.
  std::int64_t redriven = 0;   ///< Dead letters that were put back,
  std::int64_t healed = 0;     ///< and callbacks that an audit found without outcome.
  std::int64_t audits = 0;     ///< That came to their end.
  std::size_t faults = 0;
  std::chrono::seconds covered{};
  std::vector<std::string> trace;
  [[nodiscard]] bool is_good() const { return violations.empty(); }
};

/// Both halves on one cluster: providers send to ingest, and consumers read its records.
class World {
 public:
  explicit World(const Scenario& scenario, bool keeps_trace = false);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Everything, to the end: faults, peace, the last look.
  [[nodiscard]] Outcome Run();

 private:
  void Do(const Action& action);
  void DoOne(const simulation::Action& action) { consumers_->Do(action); }
  void DoOne(const intake::Action& action) { ingest_->Do(action); }
  void DoOne(const Sleep& sleep);
  void DoOne(const AcksLost& lost);
  void DoOne(const Operate& operate);
  /// All requests to brokers that are aimed at go to consumers' world first.
  void WatchAcks();
  void AwaitRest();
  /// sluicectl must see what the judges see.
  void AuditAll();
  void EndAll();

  const Scenario scenario_;
  Site site_;
  Judge judge_;
  std::unique_ptr<simulation::World> consumers_;
  std::unique_ptr<intake::World> ingest_;
  Operators operators_;
  Time acks_lost_until_{};
};

[[nodiscard]] Outcome RunScenario(const Scenario& scenario, bool keeps_trace = false);

}  // namespace simulation::joint
