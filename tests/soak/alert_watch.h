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

/// Follows the alerts while faults are inflicted, healed and settled. A fault has settled once none
/// of its alerts fires.
class AlertWatch {
 public:
  /// `require_all` throws if a program has ended unexpectedly.
  AlertWatch(Run& run, tests::Prometheus& prometheus, std::function<void()> require_all);

  /// Notes that this fault begins now.
  void Inflict(const std::string& id);
  /// Waits until all alerts that the fault must raise have fired. The run fails if they do not fire
  /// in time. Calls `meanwhile` often.
  void Await(const std::string& id, const std::function<void()>& meanwhile = {});
  /// Notes that the fault ends now.
  void Heal(const std::string& id);
  /// Waits until the fault has settled. The run fails if it does not settle in time.
  void Settle(const std::string& id);
  /// Waits until the fault could settle, at most for `limit`.
  void AwaitQuiet(const std::string& id, std::chrono::seconds limit);

  /// Polls until the condition holds. The run fails with `what` if it does not within the limit.
  void Expect(const std::function<bool()>& condition, std::chrono::seconds limit,
              const std::string& what);
  void RestUntil(common::WallTime time);

  /// The run fails if an alert has fired so far, an alert is pending, or a rule cannot be
  /// evaluated. Returns the names of the pending alerts.
  std::string JudgeHealth();

  [[nodiscard]] common::WallTime begun() const { return begun_; }
  /// Everything observed so far.
  [[nodiscard]] AlertFindings Findings(AlertNames alerts) const;

 private:
  [[nodiscard]] InflictedFault& Find(const std::string& id);
  [[nodiscard]] std::chrono::seconds Patience() const;
  [[nodiscard]] bool HaveFired(const AlertNames& alerts, common::WallTime since) const;
  [[nodiscard]] bool IsQuiet(const InflictedFault& fault) const;
  [[nodiscard]] bool BecomesQuiet(const InflictedFault& fault, std::chrono::seconds limit);

  Run& run_;
  tests::Prometheus& prometheus_;
  std::function<void()> require_all_;
  common::WallTime begun_ = common::WallNow();
  std::vector<InflictedFault> faults_;
};

}  // namespace soak
