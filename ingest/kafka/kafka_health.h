#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "common/domain/partition.h"

namespace ingest {

/// Judges whether Kafka accepts records. An ack is the best evidence. A probe each second serves
/// quiet times; one failed probe proves nothing. A failing partition proves nothing about Kafka,
/// unless the topic has only that one.
///
///   away := the topics are refused, or the client is unusable, or no ack came lately and
///             repeated probes got no answer
///             | nobody has probed lately
///             | no partition has a leader
///             | deliveries fail for the whole topic, or on several partitions with a leader
///
/// Time:    reads no clock; `now` does not go back.
/// Threads: confined, or behind the owner's lock.
class KafkaHealth {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// How long a failed delivery counts, unless a later one succeeds on its partition.
  static constexpr std::chrono::seconds kFailureCounts{5};
  /// How long an ack outweighs all other evidence. Covers slow acks: a callback waits nearly as
  /// long for one.
  static constexpr std::chrono::seconds kSuccessCounts{4};
  /// How long probes must fail, counted from the first failure. Takes more than one probe.
  static constexpr std::chrono::milliseconds kSilenceCounts{1500};
  /// After this time without an answer from any broker, records are not even queued.
  static constexpr std::chrono::seconds kGivesUpAfter{5};
  /// How long a probe counts. Longer than the longest wait of the thread that probes, unless it
  /// hangs or a working client without acks is replaced.
  static constexpr std::chrono::seconds kProbeCounts{5};

  /// `leaderless` lists those of `partitions` that have no leader. 0 partitions: unknown.
  void ProbeAnswered(TimePoint now, std::size_t partitions = 0,
                     std::set<common::Partition> leaderless = {});
  void ProbeFailed(TimePoint now, std::string why);
  void Delivered(TimePoint now, common::Partition partition);
  /// Without a partition, the failure concerns all of them.
  void DeliveryFailed(TimePoint now, std::optional<common::Partition> partition, std::string why);
  /// The client has a fatal error and could not be replaced.
  void ClientUnusable(std::string why) { unusable_ = std::move(why); }
  void ClientReplaced() { unusable_.reset(); }
  /// Result of the topic check; nullopt if nothing is refused.
  void TopicsChecked(std::optional<std::string> refused);

  /// For readiness. nullopt if Kafka accepts records, otherwise the reason.
  [[nodiscard]] std::optional<std::string> WhyAway(TimePoint now) const;

  /// True if a record should be handed to the producer at all. Never before the topics are checked,
  /// because an ack might not mean what ingest promises.
  [[nodiscard]] bool IsWorthTrying(TimePoint now) const;

  /// False if no broker has said within kProbeCounts which partitions have a leader.
  [[nodiscard]] bool KnowsPartitions(TimePoint now) const;
  /// The partitions that accept no records now, as far as known, each with the reason.
  [[nodiscard]] std::map<common::Partition, std::string> FailingPartitions(TimePoint now) const;

 private:
  enum class Topics { kUnchecked, kAccepted, kRefused };
  struct Failure {
    TimePoint at;
    std::string why;
  };
  [[nodiscard]] std::optional<std::string> WhyDeliveriesFail(TimePoint now) const;

  Topics topics_ = Topics::kUnchecked;
  std::string refusal_;
  std::optional<std::string> unusable_;
  std::optional<TimePoint> answered_at_;  ///< The last answer to a probe.
  std::optional<TimePoint> probed_at_;    ///< With or without an answer.
  std::string probe_error_ = "no broker has answered yet";
  std::optional<TimePoint> unanswered_since_;
  std::size_t partitions_ = 0;
  std::set<common::Partition> leaderless_;
  std::optional<TimePoint> last_success_;          ///< The last ack.
  std::optional<Failure> failure_of_all_;          ///< Without a success since.
  std::map<common::Partition, Failure> failures_;  ///< Without a success on that partition since.
};

}  // namespace ingest
