#pragma once

#include <chrono>
#include <cstddef>

#include "common/base/guarded.h"

namespace ingest {

/// The budget of bodies whose senders are not known yet: those of rows whose signature says whose
/// they are. Everybody can send them, so they get little, and large ones are shed first.
///
///   A body of up to 64 KiB may be received while the budget has room, a larger one while the
///   others fill no more than half of it.
///   Once 32 MiB of bodies with wrong signatures were received within a second, none larger than
///   64 KiB is received until the next second. Events are small, and hashing small ones costs less
///   than answering them.
///
/// Time:    reads no clock.
/// Threads: any.
class UnverifiedBodies {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::size_t kSmall = std::size_t{64} * 1024;
  static constexpr std::size_t kMostWasted = std::size_t{32} * 1024 * 1024;

  explicit UnverifiedBodies(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// Counts `more` bytes of a body that holds `own` already. False if it must be shed; then nothing
  /// is counted. Call Release() for the counted bytes.
  [[nodiscard]] bool Reserve(std::size_t own, std::size_t more, TimePoint now);
  void Release(std::size_t bytes);

  /// A whole body had a wrong signature.
  void Wasted(std::size_t bytes, TimePoint now);

 private:
  struct State {
    std::size_t used = 0;
    std::size_t wasted = 0;  ///< Since `second`.
    TimePoint second{};

    void PassTime(TimePoint now);
  };

  const std::size_t max_bytes_;
  common::Guarded<State> state_;
};

}  // namespace ingest
