#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/base/error.h"
#include "consumer/lane/fencing_watch.h"
#include "consumer/lane/lane_events.h"
#include "consumer/lane/restorer.h"
#include "consumer/lane/source.h"

namespace consumer {

/// Decides when the lane needs a new client, and when it must end because another program has its
/// name.
///
/// Threads:  confined to the lane.
/// Lifetime: `events` must outlive it.
/// Time:     an argument.
class GroupWatch {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Renewal {
    std::string_view why;
    Source::MemberName name = Source::MemberName::kSame;
  };

  GroupWatch(std::chrono::milliseconds join_within, LaneEvents& events)
      : join_within_(join_within), events_(events) {}

  void Assigned();
  void Revoked();
  /// True from an assignment, even an empty one, to its end.
  [[nodiscard]] bool is_in_group() const { return is_in_group_; }

  void LookAt(const TopicView& view, bool has_partitions);
  /// Set while the topic has another number of partitions than its offsets rest on.
  [[nodiscard]] const std::optional<PartitionsChange>& change() const { return change_; }
  /// True if partitions have no reader, and this lane must join under a fresh name.
  [[nodiscard]] bool is_unassigned() const { return idle_looks_ > 0; }

  /// `does_not_read`: a partition delivers no records, although they are there.
  [[nodiscard]] std::optional<Renewal> FindStuck(bool does_not_read, TimePoint now);

  /// The source has failed. Without a renewal the lane must end.
  [[nodiscard]] std::optional<Renewal> SourceFailed(const common::Error& failure,
                                                    FencingDoubt doubt, TimePoint now);
  void ProducerFenced(TimePoint now);
  void ProducerFencedByOurselves() { producer_fencing_.FencedByOurselves(); }
  /// Set once another program has the lane's name.
  [[nodiscard]] const std::optional<common::Error>& failure() const { return failure_; }

 private:
  std::chrono::milliseconds join_within_;
  LaneEvents& events_;
  bool is_in_group_ = false;
  std::optional<TimePoint> out_of_group_since_;
  std::optional<PartitionsChange> change_;
  std::uint64_t looks_ = 0;  ///< At the group, as far as LookAt() has seen them.
  std::size_t told_unread_ = 0;
  int idle_looks_ = 0;  ///< In a row: this lane has no partition, and some have no reader.
  FencingWatch producer_fencing_{std::chrono::minutes(5)};
  /// By a coordinator that may have forgotten a join. It takes seconds to come back each time, and
  /// two instances of one name fence each other within less.
  FencingWatch member_fencing_{std::chrono::minutes(1)};
  std::optional<common::Error> failure_;
};

}  // namespace consumer
