#pragma once

#include <chrono>
#include <cstddef>

namespace ingest {

/// The most callbacks that waited for their outcome at the same time lately: in this window or the
/// one before it. A sender waits for its answer before it sends again. So while as many wait as
/// ever did lately, no known sender is left that could send.
///
/// Time:    reads no clock; `now` does not go back.
/// Threads: one, or behind the owner's lock.
class WaitingPeak {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Precondition: window > 0.
  explicit WaitingPeak(std::chrono::nanoseconds window) : window_(window) {}

  /// `waiting` callbacks wait now.
  void Note(std::size_t waiting, TimePoint now);

  /// As of the last Note().
  [[nodiscard]] std::size_t value() const;

 private:
  std::chrono::nanoseconds window_;
  TimePoint end_{};           ///< Of this window.
  std::size_t current_ = 0;   ///< The most in this window.
  std::size_t previous_ = 0;  ///< The most in the one before it.
};

/// How long a callback is held at most. A request carries one partition, so the more partitions
/// there are, the longer a burst must be for requests of the same size.
struct MaxDelay {
  std::chrono::milliseconds with_few{20};   ///< With up to 16 partitions. 0: none is held.
  std::chrono::milliseconds with_many{60};  ///< With 48 partitions or more.

  /// One value, whatever the number of partitions.
  [[nodiscard]] static constexpr MaxDelay Fixed(std::chrono::milliseconds delay) {
    return {.with_few = delay, .with_many = delay};
  }
  /// 1.25 ms a partition, within the bounds.
  [[nodiscard]] std::chrono::milliseconds For(std::size_t partitions) const;

  friend bool operator==(const MaxDelay&, const MaxDelay&) = default;
};

/// How long callbacks are held, and how many.
struct BatchBounds {
  MaxDelay max_delay;
  /// For each partition of the topic. A request with so many records costs little more for each
  /// than a larger one.
  std::size_t enough_records = 64;
  std::size_t enough_bytes = 1024ULL * 1024;  ///< In all.
};

/// The callbacks that wait for an outcome from Kafka, just after one more was accepted.
struct BatchSituation {
  std::size_t held = 0;  ///< Not handed to the producer yet, the new one included.
  std::size_t held_bytes = 0;
  std::size_t in_hand = 0;  ///< Handed to the producer, without an outcome.
  std::size_t peak = 0;     ///< WaitingPeak of both.
  std::size_t partitions = 1;
  bool is_closed_loop = false;  ///< As after the last callback.
};

struct BatchVerdict {
  bool must_send = false;  ///< All that is held, now. Otherwise it is held for the MaxDelay.
  /// The senders of late come again as soon as they have their answers, and hardly anybody else
  /// comes.
  bool is_closed_loop = false;
  friend bool operator==(const BatchVerdict&, const BatchVerdict&) = default;
};

/// Decides about the held callbacks, all together.
///
///   waiting               closed loop before    verdict
///   the peak              any                   send: nobody is left to wait for. Closed loop
///   above half the peak   yes                   send. Closed loop: who waits comes again only
///                                               after an answer
///   otherwise             any                   hold, unless enough are held. No closed loop
///
/// A producer's request carries one partition, and costs ingest and the broker as much as fifty
/// records in it. A burst of many callbacks makes few requests and few wake-ups.
[[nodiscard]] BatchVerdict JudgeBatch(const BatchSituation& situation, const BatchBounds& bounds);

}  // namespace ingest
