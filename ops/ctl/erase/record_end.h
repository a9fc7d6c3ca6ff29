#pragma once

#include <optional>
#include <string>

#include "common/base/rfc3339.h"
#include "common/kafka/topic_facts.h"

namespace ctl {

/// When a record is gone from its topic, at the latest.
struct RecordEnd {
  enum class When {
    kBy,       ///< At `by` or before.
    kNever,    ///< Nothing removes it.
    kUnknown,  ///< Nothing that is known here limits it.
  };
  When when = When::kUnknown;
  common::WallTime by{};
  std::string why{};  ///< Unless kBy: a phrase.

  friend bool operator==(const RecordEnd&, const RecordEnd&) = default;
};
/// "by", "never", "unknown"
[[nodiscard]] std::string_view ToText(RecordEnd::When when);

/// The settings of a topic that decide when Kafka deletes its records. Kafka deletes segments, each
/// once the greatest timestamp in it is older than `retention.ms`:
///
///   end = max(newest + segment.ms + retention.ms, now) + check + file.delete.delay.ms
///
///   newest      a time that is not before the first timestamp of the record's segment: the record's
///               own if the broker sets the timestamps, else the greatest of the partition
///   now         the record was still there
///   segment.ms  a later record begins another segment; the active one is deleted as others are
///   check       log.retention.check.interval.ms of the brokers, 5 min by default, is not known here
///
/// Size may delete it earlier. Time: that of the brokers.
class TopicRetention {
 public:
  explicit TopicRetention(const common::kafka::TopicFacts& topic);

  /// `newest`: the epoch or before it if the records have no timestamps.
  [[nodiscard]] RecordEnd EndOf(common::WallTime newest, common::WallTime now) const;

 private:
  std::optional<std::chrono::milliseconds> after_newest_{};  ///< None: `otherwise_` is the answer.
  std::chrono::milliseconds delay_{};
  RecordEnd otherwise_{};
};

}  // namespace ctl
