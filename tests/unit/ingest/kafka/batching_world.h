#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <queue>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/key_partition.h"
#include "ingest/kafka/held_records.h"

namespace ingest {

/// Senders, HeldRecords, and a producer that sends a request for each partition, at most five at a
/// time, to a broker that handles one after the other; all in virtual time.
class BatchingWorld {
 public:
  using TimePoint = HeldRecords::TimePoint;
  using Duration = std::chrono::nanoseconds;

  BatchingWorld(int partitions, Duration latency, unsigned seed)
      : latency_(latency), random_(seed), queues_(static_cast<std::size_t>(partitions)) {}

  /// Each sends again as soon as it has its answer.
  void RunClosedLoop(int senders, Duration duration) {
    is_closed_loop_ = true;
    const TimePoint end = now_ + duration;
    for (int i = 0; i < senders; ++i) Schedule(latency_ * i / senders, Event::kArrival);
    Run(end);
  }

  /// Callbacks come at random, whatever happens to the others.
  void RunOpenLoop(double each_second, Duration duration) {
    rate_ = each_second;
    const TimePoint end = now_ + duration;
    Schedule(Duration(0), Event::kArrival);
    Run(end);
  }

  [[nodiscard]] std::size_t stored() const { return stored_; }
  [[nodiscard]] Duration longest_wait() const { return longest_wait_; }
  [[nodiscard]] double requests_per_callback() const {
    return static_cast<double>(requests_) / static_cast<double>(std::max<std::size_t>(stored_, 1));
  }

 private:
  enum class Event { kArrival, kTimer, kLinger, kAck };
  struct Scheduled {
    TimePoint at{};
    Event event = Event::kArrival;
    std::size_t records = 0;
    friend bool operator<(const Scheduled& a, const Scheduled& b) { return a.at > b.at; }
  };
  static constexpr std::size_t kMostInFlight = 5;
  static constexpr Duration kLinger = std::chrono::milliseconds(1);
  static constexpr Duration kTurnaround = std::chrono::microseconds(100);

  void Schedule(Duration later, Event event, std::size_t records = 0) {
    events_.push({now_ + later, event, records});
  }

  void Run(TimePoint end) {
    while (!events_.empty() && events_.top().at < end) {
      const Scheduled next = events_.top();
      events_.pop();
      now_ = next.at;
      Handle(next);
      if (const auto due = held_.due(); due && *due < timer_) {
        timer_ = std::max(*due, now_);
        events_.push({timer_, Event::kTimer});
      }
    }
  }

  void Handle(const Scheduled& scheduled) {
    switch (scheduled.event) {
      case Event::kArrival:
        Arrive();
        return HandOver();
      case Event::kTimer:
        timer_ = TimePoint::max();
        return HandOver();
      case Event::kLinger:
        return SendRequests();
      case Event::kAck:
        --in_flight_;
        stored_ += scheduled.records;
        held_.Settled(scheduled.records);
        SendRequests();
        for (std::size_t i = 0; is_closed_loop_ && i < scheduled.records; ++i) {
          Schedule(kTurnaround + i * std::chrono::microseconds(10), Event::kArrival);
        }
    }
  }

  void Arrive() {
    common::Envelope envelope;
    envelope.key = std::to_string(random_());
    held_.Add(1, std::move(envelope), static_cast<int>(queues_.size()), now_);
    if (rate_ == 0) return;
    const double seconds = std::exponential_distribution<double>(rate_)(random_);
    Schedule(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds)),
             Event::kArrival);
  }

  void HandOver() {
    if (!held_.IsDue(now_)) return;
    for (const HeldRecord& record : held_.Take()) {
      longest_wait_ = std::max(longest_wait_, Duration(now_ - record.since));
      const int partitions = static_cast<int>(queues_.size());
      ++queues_[common::PartitionOf(record.envelope.key, partitions).index()];
    }
    Schedule(kLinger, Event::kLinger);
  }

  void SendRequests() {
    for (std::size_t step = 0; step < queues_.size() && in_flight_ < kMostInFlight; ++step) {
      std::size_t& queue = queues_[next_++ % queues_.size()];
      if (queue == 0) continue;
      const std::size_t records = std::exchange(queue, 0);
      ++requests_;
      ++in_flight_;
      broker_is_free_ = std::max(broker_is_free_, now_) + std::chrono::microseconds(80) +
                        records * std::chrono::microseconds(1);
      Schedule(broker_is_free_ - now_ + latency_, Event::kAck, records);
    }
  }

  const Duration latency_;
  std::mt19937 random_;
  bool is_closed_loop_ = false;
  double rate_ = 0;

  TimePoint now_{std::chrono::hours(1)};
  std::priority_queue<Scheduled> events_;
  TimePoint timer_ = TimePoint::max();
  HeldRecords held_{BatchBounds{}};
  std::vector<std::size_t> queues_;  ///< The producer's, by partition: so many records wait.
  std::size_t next_ = 0;             ///< The partition whose turn it is.
  std::size_t in_flight_ = 0;        ///< Requests.
  TimePoint broker_is_free_{};

  std::size_t requests_ = 0;
  std::size_t stored_ = 0;
  Duration longest_wait_{};
};

}  // namespace ingest
