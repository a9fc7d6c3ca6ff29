#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/cluster/cluster.h"
#include "tests/simulation/runtime/trace.h"
#include "tests/simulation/world/instance.h"
#include "tests/simulation/world/judge.h"
#include "tests/simulation/world/scenario.h"

namespace simulation {

/// What became of a scenario.
struct Outcome {
  std::vector<std::string> violations;
  std::uint64_t hash = 0;
  std::size_t facts = 0;
  std::size_t faults = 0;
  std::chrono::seconds covered{};
  int forgotten = 0;  ///< Control records that were never written.
  std::vector<std::string> trace;
  [[nodiscard]] bool is_good() const { return violations.empty(); }
};

/// Instances of consumer on a cluster and an API, to which things happen.
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
  void Arrive(const Action& action);
  void Start(std::size_t slot);
  void StartAgain(std::size_t slot, Span after);
  void EndFaults();
  void Supervise();
  void Look();
  void LookForFalseGreen();
  [[nodiscard]] bool IsDone() const;
  [[nodiscard]] bool IsGreen() const;
  void JudgeEnd(bool is_done);
  void EndAll();

  Scenario scenario_;
  Runtime runtime_;
  Random random_;
  Trace trace_;
  Judge judge_;
  common::ProviderTable providers_;
  common::Logger log_;
  Cluster cluster_;
  AssureApi api_;
  std::vector<Instance*> slots_;  ///< The current run of each instance; null: it is down.
  std::vector<std::unique_ptr<Instance>> all_;
  std::vector<std::pair<int, Offset>> written_;  ///< Callbacks, to be delivered again.
  int last_host_ = 0;
  int last_process_ = 0;
  std::uint64_t peace_ = 0;  ///< Faults that began before it ended with it.
  Time not_green_at_{};
};

/// One history.
[[nodiscard]] Outcome RunScenario(const Scenario& scenario, bool keeps_trace = false);

}  // namespace simulation
