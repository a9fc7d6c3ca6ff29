#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "common/base/deadline.h"
#include "consumer/kafka/event_fd.h"
#include "consumer/kafka/log_reader.h"
#include "consumer/kafka/marker_reading.h"
#include "consumer/kafka/topic_watch.h"
#include "consumer/lane/forgotten_watch.h"
#include "consumer/lane/restore_progress.h"
#include "consumer/lane/restorer.h"

namespace consumer {

/// An order as the restorer's thread works on it: `partitions` are those still to be restored.
struct RestoreRequest : RestoreOrder {
  std::chrono::steady_clock::time_point asked_at{};
  bool begins_anew = true;  ///< The thread does not know its assignment yet.
  bool is_taken = false;    ///< By the thread.

  [[nodiscard]] std::vector<Partition> Assigned() const;
};

/// Connects the lane's thread with the restorer's: the lane gives orders, the restorer returns
/// results and progress. Drops the results of an order that was replaced.
///
/// Threads: the first part is the lane's, the second the restorer's. Never waits, except Await().
class RestoreExchange {
 public:
  using Clock = std::chrono::steady_clock;

  /// `stuck_after`: how long a restore without progress, and an open transaction, may last.
  explicit RestoreExchange(std::chrono::milliseconds stuck_after) : stuck_after_(stuck_after) {}

  // For the lane: see Restorer.
  [[nodiscard]] int fd() const { return wake_.fd(); }
  void Restore(RestoreOrder order);
  [[nodiscard]] std::vector<RestoredPartition> TakeRestored();
  void Watch(Standing standing);
  [[nodiscard]] std::vector<LogBounds> TakeBounds();
  [[nodiscard]] TopicView Topic();
  [[nodiscard]] std::vector<StuckRestore> Stuck();
  [[nodiscard]] std::optional<ForgottenPlaces> Forgotten();
  [[nodiscard]] std::vector<EndedTransaction> TakeEnded();

  // For the restorer.
  /// Waits for an order that replaces the request; false if none has come.
  bool Await(RestoreRequest& request, Clock::time_point until, const std::stop_token& stop);
  [[nodiscard]] bool IsCurrent(const RestoreRequest& request);
  /// True if the order in force restores this partition.
  [[nodiscard]] bool IsWanted(Partition partition);
  void Awaits(const RestoreRequest& request, Partition partition, Awaiting awaiting,
              std::optional<Offset> at = std::nullopt);
  /// The markers were read up to these offsets. False if the request is outdated.
  bool Reached(const RestoreRequest& request, const Offsets& reached, Clock::time_point now);
  void HandOver(HandedPartition handed);
  /// The partitions that were handed over, and replaced by a new order before the lane took them.
  [[nodiscard]] std::vector<HandedPartition> TakeReturned();

  /// The logs to look at now; none if the request is outdated.
  [[nodiscard]] std::optional<TopicWatch::Watched> Watched(const RestoreRequest& request);
  void Publish(const TopicView& topic);
  /// Publishes a look's bounds. Returns false and drops them if the request is outdated.
  bool Publish(const RestoreRequest& request, std::vector<LogBounds> bounds);

  /// Begins a look for forgotten transactions, see ForgottenWatch.
  void LooksAt(std::set<ForgottenWatch::Place> places);
  void Saw(const std::string& topic, const OpenPartitions& found, Clock::time_point now);
  /// The transactions that have been open for too long.
  [[nodiscard]] std::vector<ForgottenWatch::Standing> FindForgotten();
  void Ended(EndedTransaction ended);

 private:
  const std::chrono::milliseconds stuck_after_;
  EventFd wake_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_.
  RestoreRequest asked_;
  std::vector<HandedPartition> handed_;
  std::vector<HandedPartition> returned_;
  Standing standing_;
  std::map<Partition, ReadPosition> first_watched_;  ///< Since Restore(), with a record read.
  std::vector<LogBounds> bounds_;
  TopicView topic_;
  RestoreProgress progress_;
  ForgottenWatch forgotten_;
  std::vector<EndedTransaction> ended_;
};

}  // namespace consumer
