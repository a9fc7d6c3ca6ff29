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

/// What a run of `assure-sim deliver` came to.
struct Delivered {
  std::string report;  ///< Its line of JSON.
  std::vector<SentCallback> callbacks;

  [[nodiscard]] std::int64_t Number(const char* name) const;  ///< Of the report's top level.
  /// What the provider was answered: "200", "429", "none". Empty: it has not sent.
  [[nodiscard]] std::set<std::string> Statuses(const std::string& provider) const;
  /// The same of all providers.
  [[nodiscard]] std::set<std::string> Statuses() const;
  [[nodiscard]] double SlowestAnswerMs() const;
  [[nodiscard]] std::int64_t CountRefused() const;  ///< Callbacks that were never answered 200.
};

/// A run of `assure-sim deliver` that is going on: the providers.
class Deliveries {
 public:
  /// What it writes is in `directory`: NAME.json, NAME.log, NAME.ids.
  Deliveries(const std::filesystem::path& directory, const std::string& name,
             std::vector<std::string> arguments);

  [[nodiscard]] bool IsRunning() { return process_.IsRunning(); }
  /// SIGTERM: what is under way is unfinished, not lost.
  void Stop();
  /// Throws if it does not end within the limit or fails.
  Delivered Finish(std::chrono::milliseconds limit = std::chrono::seconds(120));

 private:
  std::filesystem::path ids_;
  Process process_;
};

}  // namespace tests
