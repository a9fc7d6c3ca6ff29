#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "tests/harness/prometheus.h"
#include "tests/soak/alert_verdict.h"
#include "tests/soak/run.h"

namespace soak {

/// Follows the alerts while faults are inflicted, healed and settled. A fault has settled when none
/// of its alerts fires any more.
class AlertWatch {
 public:
  /// `require_all` throws if a program has ended that should run.
  AlertWatch(Run& run, tests::Prometheus& prometheus, std::function<void()> require_all);

  /// The fault of AlertFaults() begins now.
  void Inflict(const std::string& id);
  /// Returns once the alerts have fired, by default all that the fault must raise; the run fails if
  /// they do not in time. `meanwhile` is called often.
  void Await(const std::string& id, const std::function<void()>& meanwhile = {});
  /// The fault ends now.
  void Heal(const std::string& id);
  /// Returns once the fault has settled; the run fails if it does not in time.
  void Settle(const std::string& id);
  /// Waits up to `limit` until the fault could settle.
  void AwaitQuiet(const std::string& id, std::chrono::seconds limit);

  /// Polls until the condition holds; the run fails with `what` if it does not within the limit.
  void Expect(const std::function<bool()>& condition, std::chrono::seconds limit,
              const std::string& what);
  void RestUntil(common::WallTime time);

  /// Fails the run unless no alert has fired so far, none is pending, and all rules are evaluated.
  /// Returns the names of those that are pending all the same.
  std::string JudgeHealth();

  [[nodiscard]] common::WallTime begun() const { return begun_; }
  /// Everything that was observed.
  [[nodiscard]] AlertFindings Findings(AlertNames alerts) const;

 private:
  [[nodiscard]] InflictedFault& Find(const std::string& id);
  [[nodiscard]] std::chrono::seconds Patience() const;
  [[nodiscard]] bool HaveFired(const AlertNames& alerts, common::WallTime since) const;
  [[nodiscard]] bool IsQuiet(const InflictedFault& fault) const;

  Run& run_;
  tests::Prometheus& prometheus_;
  std::function<void()> require_all_;
  common::WallTime begun_ = common::WallNow();
  std::vector<InflictedFault> faults_;
};

}  // namespace soak
