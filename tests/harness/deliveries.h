#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "tests/harness/ledger.h"
#include "tests/harness/process.h"

namespace tests {

/// The result of a run of `assure-sim deliver`.
struct Delivered {
  std::string report;  ///< Its JSON line.
  std::vector<SentCallback> callbacks;

  [[nodiscard]] std::int64_t Number(const char* name) const;  ///< From the report's top level.
  /// The answers that the provider got: "200", "429", "none". Empty if it sent nothing.
  [[nodiscard]] std::set<std::string> Statuses(const std::string& provider) const;
  /// The same for all providers.
  [[nodiscard]] std::set<std::string> Statuses() const;
  [[nodiscard]] double SlowestAnswerMs() const;
  [[nodiscard]] std::int64_t CountRefused() const;  ///< Callbacks that were sent and got no 200.
  [[nodiscard]] std::int64_t CountUnsent() const;   ///< Announced, and never sent.
  /// The answers to events of a kind: first, repeated, mock, forged, stale. Empty if none was sent.
  [[nodiscard]] std::set<std::string> EventStatuses(const std::string& kind) const;
  [[nodiscard]] std::int64_t LateEvents() const;  ///< First accepted after they had expired.
};

/// One line for each kind of event that got another answer than it must: 200 for right and mock
/// ones, 401 for forged and stale ones. `may_fail`: right ones may also get none, or a 5xx, and be
/// repeated; forged ones may get none. Empty if all are right, or none was sent.
[[nodiscard]] std::string WrongEventAnswers(const Delivered& delivered, bool may_fail);

/// A running `assure-sim deliver`, which plays the providers.
class Deliveries {
 public:
  /// Writes its output to `directory`: NAME.json, NAME.log, NAME.ids.
  Deliveries(const std::filesystem::path& directory, const std::string& name,
             std::vector<std::string> arguments);

  [[nodiscard]] bool IsRunning() { return process_.IsRunning(); }
  /// SIGTERM: callbacks in flight count as unfinished, not as lost.
  void Stop();
  /// Throws if the run fails or exceeds the limit.
  Delivered Finish(std::chrono::milliseconds limit = std::chrono::seconds(120));

 private:
  std::filesystem::path ids_;
  Process process_;
};

}  // namespace tests
