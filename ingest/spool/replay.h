#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "common/base/result.h"
#include "ingest/acceptance/callback_sink.h"
#include "ingest/spool/spooled_callback.h"

namespace ingest {

/// A number that replay gives: number := wave (16 bits), position (16 bits). Those of InFlight have
/// a generation above that and are never as low.
[[nodiscard]] constexpr bool IsOfReplay(CallbackNumber number) { return number >> 32U == 0; }

/// Hands what waits to Kafka, oldest first, in waves: the next one begins when every callback of
/// the last has its outcome. No key is twice in a wave, and a key whose callback failed sits out
/// until the walk over the spool begins anew; so the callbacks of a process reach Kafka in order,
/// and what Kafka refuses for good holds up nobody else.
///
///   resting --turn has come--> wave in flight --all reported, or patience over--> wave ended
///      ^                                                                             |
///      +----1 s, from the oldest one: nothing was acknowledged, or nothing is left---+---->
///      resting
///                                                                            (at once otherwise)
///
/// Threads: confined.
/// Time:    reads no clock.
class Replay {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  /// The callbacks that follow a sequence, as many as make a wave.
  using Read = std::function<common::Result<std::vector<SpooledCallback>>(std::int64_t after)>;

  static constexpr std::size_t kMaxRecords = 500;
  static constexpr std::size_t kMaxBytes = 4ULL * 1024 * 1024;
  static constexpr std::chrono::seconds kRest{1};
  /// Longer than librdkafka takes to report, which is sometimes late.
  static constexpr std::chrono::seconds kPatience{20};

  Replay(CallbackSink& kafka, Read read);

  [[nodiscard]] bool HasTurn(TimePoint now) const { return wave_.empty() && now >= next_turn_; }

  /// Sends a wave; how many callbacks it has. Precondition: HasTurn().
  /// Errors: those of reading.
  common::Result<std::size_t> Begin(TimePoint now);

  void OnReports(std::span<const StorageReport> reports);

  struct Acknowledged {
    std::int64_t sequence = 0;
    std::string provider{};
    std::size_t size = 0;
  };
  struct Wave {
    std::vector<Acknowledged> acknowledged{};  ///< To be removed, and not sent again meanwhile.
    std::size_t failed = 0;
  };
  /// The wave, if it is over.
  std::optional<Wave> TakeEnded(TimePoint now);

  /// They are no longer on disk.
  void Removed(std::span<const std::int64_t> sequences);

 private:
  struct Sent {
    Acknowledged callback;
    std::string key;
    std::optional<StorageOutcome> outcome{};
  };

  void Send(const std::vector<SpooledCallback>& callbacks, TimePoint now);
  void StartOver(TimePoint at);

  CallbackSink& kafka_;
  Read read_;
  TimePoint next_turn_{};
  std::int64_t walked_to_ = 0;
  std::unordered_set<std::string> failed_keys_;       ///< Of this walk.
  std::unordered_set<std::int64_t> not_yet_removed_;  ///< Acknowledged.

  std::uint32_t wave_number_ = 0;
  std::vector<Sent> wave_;  ///< Empty: resting.
  std::size_t open_ = 0;    ///< Of the wave, without an outcome.
  TimePoint patience_over_{};
};

}  // namespace ingest
