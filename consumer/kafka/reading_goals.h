#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string_view>

#include "consumer/lane/records.h"
#include "consumer/lane/restorer.h"

namespace consumer {

/// Why a partition of announcements is not read to its end.
enum class UnreadReason {
  kRoom,             ///< The lane takes in no more: too many processes are outstanding.
  kOpenTransaction,  ///< A transaction of an application is open; committed records stand behind it.
  kNoAnswer,         ///< The brokers do not answer for it, or refuse.
};
[[nodiscard]] std::string_view ToText(UnreadReason reason);
/// For the operator.
[[nodiscard]] std::string_view AdviceFor(UnreadReason reason);

/// Tells up to which time partitions have been read. The log grows meanwhile, and transactions may
/// be open on it at any moment, so reading is never just complete: it pursues an end that was
/// looked up at some time, and, once there, has read all that was in the log at that time.
///
/// Threads: confined to one. Time: an argument.
class ReadingGoals {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// New partitions count as read until now.
  void Follow(const std::map<Partition, Epoch>& partitions, TimePoint now);
  [[nodiscard]] bool IsPursuing(Partition partition) const {
    return standings_.at(partition).end.has_value();
  }
  /// The log's end, open transactions included. Precondition: the partition is followed.
  void Pursue(Partition partition, Offset end, TimePoint looked_up_at);
  /// The log is another one, or shorter.
  void GiveUp(Partition partition) { standings_.at(partition).end.reset(); }

  /// The time until which the partition has been read, if reading has come to its goal by now.
  /// There is none afterwards.
  [[nodiscard]] std::optional<TimePoint> Reached(Partition partition, Offset next);

  struct Latest {
    Partition partition{};
    TimePoint read_until{};
  };
  /// The partition that is furthest behind; none: no partition is followed.
  [[nodiscard]] std::optional<Latest> FurthestBehind() const;

 private:
  struct Standing {
    Epoch epoch = 0;
    TimePoint read_until{};
    std::optional<Offset> end = {};
    TimePoint looked_up_at{};  ///< `end`.
  };
  std::map<Partition, Standing> standings_;
};

}  // namespace consumer
