#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "ingest/spool/spool_database.h"

namespace ingest {

class Events;

/// The spool's file through its failures.
///
///            a write fails                        a sync fails, or anything else
///   kGood -------------------> kUnwritten   kGood ------------------------------> kUncertain
///     ^  <--- a probe is synced ---+          ^  <--- opened anew and settled ---------+
///                                             |
///                                    kDamaged: what waits cannot be read; until the next start
///
/// Threads: confined.
class SpoolWriter {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  SpoolWriter(SpoolDatabase::Options options, Events& events);

  /// What the file holds. A file that can be read but not written is no error.
  /// Errors: kStop: it cannot be opened.
  common::Result<SpoolHoldings> Open();

  [[nodiscard]] bool is_writable() const { return database_ && state_ == State::kGood; }

  /// Gives each a sequence. True: they are on disk. False: none of them counts as stored.
  [[nodiscard]] bool Store(std::span<SpooledCallback> callbacks);
  [[nodiscard]] bool Remove(std::span<const std::int64_t> sequences);
  /// To be called after each of both, once nobody waits for what it has done: it moves a log that
  /// has become long into the table, which takes milliseconds.
  void ShortenLog();
  common::Result<std::vector<SpooledCallback>> ReadAfter(std::int64_t sequence);
  [[nodiscard]] std::optional<common::WallTime> OldestReceivedAt();

  /// Tries again what failed; to be called each second. If the file had to be opened anew: what it
  /// holds, without the `to_remove`, of which nobody knows whether they were removed before.
  std::optional<SpoolHoldings> Maintain(std::span<const std::int64_t> to_remove);

 private:
  enum class State { kGood, kUnwritten, kUncertain, kDamaged };

  void Note(const common::Error& error);
  std::optional<SpoolHoldings> Reopen(std::span<const std::int64_t> to_remove);

  const SpoolDatabase::Options options_;
  Events& events_;
  std::unique_ptr<SpoolDatabase> database_;  ///< Null while it cannot be opened.
  State state_ = State::kUncertain;
  std::int64_t last_sequence_ = 0;
  bool log_stays_long_ = false;  ///< Shortening it has failed; tried again by Maintain().
};

}  // namespace ingest
