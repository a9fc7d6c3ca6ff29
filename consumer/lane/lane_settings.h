#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "consumer/fetch/account.h"
#include "consumer/fetch/fetch_settings.h"
#include "consumer/lane/commit_flow.h"
#include "consumer/lane/expected_flow.h"
#include "consumer/lane/intake.h"

namespace consumer {

struct LaneSettings {
  std::string callbacks_topic;
  PublishMode publish = PublishMode::kFull;
  CommitFlow::Settings commit;
  Intake::Limits intake;
  /// How long a revocation or Close() may wait for the last commit.
  std::chrono::milliseconds finish{3'000};
  /// Results that wait for a commit; beyond this, no more are fetched.
  std::size_t max_results_bytes = std::size_t{64} * 1024 * 1024;
  /// None: announced processes are not watched.
  std::optional<ExpectedFlowSettings> expected = {};
  /// Who asks for the callbacks of which row.
  AccountsOfRows accounts = {};
  /// So long the callbacks of an account may hold up the second reading of their partition for
  /// another one.
  std::chrono::milliseconds others_have{20'000};
  /// Replaces the client after this long without an assignment. A rebalance may last as long as the
  /// slowest member may be silent (max.poll.interval.ms).
  std::chrono::milliseconds join_within{180'000};
};

}  // namespace consumer
