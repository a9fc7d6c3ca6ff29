#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "ops/ctl/shell/settings.h"
#include "tests/simulation/runtime/runtime.h"

namespace simulation::joint {

/// Runs sluicectl's real commands on the model's clients, one after the other.
class Operators {
 public:
  Operators(Runtime& runtime, bool watches_expected);

  /// `dead redrive --all`. Nothing while another command runs.
  void Redrive();
  /// `audit` of everything; with `heals`, `audit --redrive`.
  void Audit(bool heals);
  void Stop() { stop_.request_stop(); }

  [[nodiscard]] bool is_busy() const { return is_busy_; }
  /// Of the last audit that came to its end, and why the last one did not.
  [[nodiscard]] const std::vector<std::string>& findings() const { return findings_; }
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] std::int64_t redriven() const { return redriven_; }
  [[nodiscard]] std::int64_t healed() const { return healed_; }
  [[nodiscard]] std::int64_t audits() const { return audits_; }

 private:
  void Run(std::function<void()> command);
  void AuditNow(bool heals);

  Runtime& runtime_;
  Host host_;
  ctl::ClusterSettings settings_;
  std::stop_source stop_;
  bool is_busy_ = false;
  std::vector<std::string> findings_;
  std::string failure_;
  std::int64_t redriven_ = 0;
  std::int64_t healed_ = 0;
  std::int64_t audits_ = 0;
};

}  // namespace simulation::joint
