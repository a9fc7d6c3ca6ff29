#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace ingest {

/// Whether Kafka takes records, from what was seen last. A record that it has acknowledged is the
/// best evidence; a probe each second is for quiet times, and one that fails proves nothing yet.
/// What becomes of one partition says nothing about Kafka, unless there is only that one.
///
///   away := the topics are refused, or nothing was acknowledged lately and
///             no broker answers, again and again
///             | no partition has a leader
///             | deliveries fail for all of the topic, or on several partitions that have leaders
///
/// Time:    reads no clock; `now` does not go back.
/// Threads: confined, or behind the owner's lock.
class KafkaHealth {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// A failed delivery counts for so long, unless a later one succeeds on its partition.
  static constexpr std::chrono::seconds kFailureCounts{5};
  /// Kafka is there for so long after an ack, whatever else is seen: acks that take nearly as long as
  /// a callback can wait for them are acks.
  static constexpr std::chrono::seconds kSuccessCounts{4};
  /// Probes have failed for so long, the first of them included: more than one has.
  static constexpr std::chrono::milliseconds kSilenceCounts{1500};
  /// With no broker answering for so long, records are not even queued: their answer is known.
  static constexpr std::chrono::seconds kGivesUpAfter{5};

  /// `leaderless`: of so many partitions, those that have none. No partitions: not told.
  void ProbeAnswered(TimePoint now, std::size_t partitions = 0,
                     std::set<std::int32_t> leaderless = {});
  void ProbeFailed(TimePoint now, std::string why);
  void Delivered(TimePoint now, std::int32_t partition);
  /// Without a partition: what failed concerns all of them.
  void DeliveryFailed(TimePoint now, std::optional<std::int32_t> partition, std::string why);
  /// The topic check: nullopt if nothing is refused.
  void TopicsChecked(std::optional<std::string> refused);

  /// Readiness. nullopt: Kafka takes records; otherwise why not.
  [[nodiscard]] std::optional<std::string> WhyAway(TimePoint now) const;

  /// Whether a record should be handed to the producer at all. Never before the topics are checked,
  /// because an ack might not mean what is promised.
  [[nodiscard]] bool IsWorthTrying(TimePoint now) const;

  /// Those that take no records just now, each with the reason.
  [[nodiscard]] std::map<std::int32_t, std::string> FailingPartitions(TimePoint now) const;

 private:
  enum class Topics { kUnchecked, kAccepted, kRefused };
  struct Failure {
    TimePoint at;
    std::string why;
  };
  [[nodiscard]] std::optional<std::string> WhyDeliveriesFail(TimePoint now) const;

  Topics topics_ = Topics::kUnchecked;
  std::string refusal_;
  bool has_answered_ = false;  ///< A probe, once.
  std::string probe_error_ = "no broker has answered yet";
  std::optional<TimePoint> unanswered_since_;
  std::size_t partitions_ = 0;
  std::set<std::int32_t> leaderless_;
  std::optional<TimePoint> last_success_;     ///< Of a delivery.
  std::optional<Failure> failure_of_all_;     ///< With no success since.
  std::map<std::int32_t, Failure> failures_;  ///< With no success since on that partition.
};

}  // namespace ingest
