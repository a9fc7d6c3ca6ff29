#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "ops/simulator/hash.h"
#include "ops/simulator/synthetic_callback.h"
#include "ops/simulator/synthetic_ids.h"

namespace simulator {

struct DeliveryPlanOptions {
  std::uint64_t count = 1;
  ProviderMix mix;
  double speed = 1;           ///< Divides the providers' delays.
  double duplicate_rate = 0;  ///< Share of accepted deliveries to repeat.
  double open_loop_rate = 0;  ///< First deliveries per second; 0: no limit.
  std::chrono::milliseconds event_lifetime = std::chrono::seconds(30);  ///< Not divided by `speed`.
  double lose_rate = 0;  ///< Share of callbacks that are never sent.
  std::uint64_t seed = 1;
};

/// The totals of one provider.
struct DeliveryTally {
  std::uint64_t callbacks = 0;     ///< Begun.
  std::uint64_t attempts = 0;      ///< Deliveries.
  std::uint64_t acknowledged = 0;  ///< Accepted at least once.
  std::uint64_t lost = 0;          ///< Given up before.
  std::uint64_t penalties = 0;     ///< Answers that made ReadID hold all its callbacks.
  std::uint64_t duplicates = 0;    ///< Deliveries after an accepted one.
  std::uint64_t unsent = 0;        ///< Never sent, on purpose. Not among the callbacks.
  std::uint64_t late = 0;          ///< Events first accepted after they had expired.

  DeliveryTally& operator+=(const DeliveryTally& other);
  friend bool operator==(const DeliveryTally&, const DeliveryTally&) = default;
};

/// Schedules the deliveries: the providers' rules on a compressed clock, duplicates, and the fate
/// of each callback.
///
///   not begun --Next--> settled: never sent
///   not begun --Next--> under way --Answered--> waiting for its next slot --Next--> under way
///                           |
///                           +--> settled: accepted, or given up
///
/// Threads: one.
/// Time:    an argument; it must not go back.
class DeliveryPlan {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Delivery {
    std::uint64_t callback = 0;  ///< From 0.
    Time due;                    ///< The scheduled time.
  };

  struct Fate {
    bool begun = false;
    bool acknowledged = false;
    std::uint32_t attempts = 0;
    Time first{};  ///< Of the first delivery, if begun.
    bool unsent = false;
  };

  DeliveryPlan(DeliveryPlanOptions options, Time start);

  /// The next due delivery; the caller sends it immediately. None: nothing is due. Only callbacks
  /// below `limit` are begun.
  std::optional<Delivery> Next(Time now,
                               std::uint64_t limit = std::numeric_limits<std::uint64_t>::max());
  /// The earliest time at which Next() may return a delivery. None: not before another answer.
  [[nodiscard]] std::optional<Time> NextDue() const;
  /// `status` 0: no answer.
  void Answered(std::uint64_t callback, int status, Time now);

  [[nodiscard]] bool IsDone() const { return settled_ == options_.count; }
  [[nodiscard]] std::uint64_t settled() const { return settled_; }
  /// All from this number on have neither been begun nor given up as unsent.
  [[nodiscard]] std::uint64_t reached() const { return states_.size(); }
  [[nodiscard]] SyntheticCallback CallbackOf(std::uint64_t callback) const;
  [[nodiscard]] Fate FateOf(std::uint64_t callback) const;
  /// In the order of kProviders.
  [[nodiscard]] const std::vector<DeliveryTally>& tallies() const { return tallies_; }

 private:
  struct State {
    Time first{};
    std::uint32_t attempts = 0;
    std::uint8_t slot = 0;
    std::uint8_t provider = 0;
    bool acknowledged = false;
    bool unsent = false;
  };
  using Due = std::pair<Time, std::uint64_t>;

  [[nodiscard]] Time::duration Compressed(std::chrono::seconds time) const;
  [[nodiscard]] bool IsUnsent(std::uint64_t callback) const;
  [[nodiscard]] Time FirstDue(std::uint64_t callback) const;
  std::optional<Delivery> NextWaiting(Time now);
  std::optional<Delivery> NextFirst(Time now, std::uint64_t limit);
  Delivery Begin(std::uint64_t callback, Time due, Time now);
  [[nodiscard]] Time ExpiryOf(const State& state) const;
  /// Moves the callback to a later slot of its schedule (slot 0 is the first delivery). Returns
  /// false if there is none, or the event expires before.
  [[nodiscard]] bool Wait(std::uint64_t callback, std::size_t slot, Time now);

  DeliveryPlanOptions options_;
  Time start_;
  Dice dice_;
  std::vector<State> states_;  ///< Of callbacks begun, or held before their first delivery.
  std::priority_queue<Due, std::vector<Due>, std::greater<>> waiting_;
  std::vector<Time> held_until_;  ///< By provider.
  std::vector<DeliveryTally> tallies_;
  std::uint64_t settled_ = 0;
};

}  // namespace simulator
