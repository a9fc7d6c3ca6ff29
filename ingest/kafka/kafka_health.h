#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace ingest {

/// Whether Kafka takes records, from what was seen last. Two kinds of evidence: a probe each
/// second, traffic or not, and the delivery reports.
///
/// Time:    reads no clock; `now` does not go back.
/// Threads: confined, or behind the owner's lock.
class KafkaHealth {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// A failed delivery speaks against Kafka for so long, unless a later one succeeds.
  static constexpr std::chrono::seconds kFailureCounts{5};
  /// One that follows a success so closely does not: other partitions work.
  static constexpr std::chrono::seconds kSuccessCounts{2};
  /// With no broker answering for so long, records are not even queued: their answer is known.
  static constexpr std::chrono::seconds kGivesUpAfter{5};

  void ProbeAnswered(TimePoint now);
  void ProbeFailed(TimePoint now, std::string why);
  void Delivered(TimePoint now);
  void DeliveryFailed(TimePoint now, std::string why);
  /// The topic check: nullopt if nothing is refused.
  void TopicsChecked(std::optional<std::string> refused);

  /// Readiness. nullopt: Kafka takes records; otherwise why not.
  [[nodiscard]] std::optional<std::string> WhyAway(TimePoint now) const;

  /// Whether a record should be handed to the producer at all. Never before the topics are checked,
  /// because an ack might not mean what is promised.
  [[nodiscard]] bool IsWorthTrying(TimePoint now) const;

 private:
  enum class Topics { kUnchecked, kAccepted, kRefused };

  Topics topics_ = Topics::kUnchecked;
  std::string refusal_;
  bool probe_answers_ = false;
  std::string probe_error_ = "no broker has answered yet";
  std::optional<TimePoint> unanswered_since_;
  std::optional<TimePoint> last_success_;  ///< Of a delivery.
  std::optional<TimePoint> last_failure_;  ///< With no success since, nor shortly before.
  std::string delivery_error_;
};

}  // namespace ingest
