#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "common/domain/callback_record.h"
#include "ingest/acceptance/callback_sink.h"
#include "ingest/kafka/held_records.h"
#include "ingest/policy/batching.h"

namespace ingest {

/// Hands records over in bursts, when HeldRecords says so.
///
/// A burst is handed over on the thread whose record completed it, or on the timer's after
/// the MaxDelay. A burst that is due while a thread hands over is left to that thread, or after a
/// millisecond to the timer's: bursts follow one after the other, and records of a key keep their
/// order.
///
/// Threads:  any.
/// Lifetime: calls `hand_over` until Close() has returned.
class Batcher {
 public:
  using Clock = std::chrono::steady_clock;
  /// Hands a burst to the producer. Returns the number of records that it did not take. Must
  /// neither block nor throw.
  using HandOver = std::function<std::size_t(const Burst& burst)>;

  /// Precondition: bounds.max_delay is not 0.
  Batcher(const BatchBounds& bounds, HandOver hand_over);
  ~Batcher();
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  /// False after Close(); then nothing was taken. `partitions`: how many there are, at least 1.
  [[nodiscard]] bool Offer(CallbackNumber number, common::Envelope envelope, int partitions);

  /// So many records came into the producer's hands without being offered here, or left them.
  void Sent(std::size_t records);
  void Settled(std::size_t records);

  /// Hands over the held records, and joins the timer's thread. No hand-over is under way then.
  void Close();

 private:
  void HandOverIfDue(std::unique_lock<std::mutex>& lock, Clock::time_point until);
  void RunTimer(const std::stop_token& stop);

  const HandOver hand_over_;
  std::mutex mutex_;
  // Guarded by the mutex:
  HeldRecords records_;
  bool is_handing_over_ = false;  ///< A thread does so. It looks for a due burst afterwards.
  std::optional<Clock::time_point> timer_wakes_at_{};  ///< While the timer waits.
  bool is_closed_ = false;
  std::condition_variable_any timer_must_look_;
  std::condition_variable_any handed_over_;
  std::jthread timer_;  // Last: it uses the members above.
};

}  // namespace ingest
