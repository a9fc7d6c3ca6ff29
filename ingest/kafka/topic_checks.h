#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>

#include "common/base/result.h"
#include "ingest/kafka/callbacks_topic.h"
#include "ingest/kafka/producer_session.h"

namespace ingest {

class KafkaEvents;

/// Checks at first contact and once a minute whether the topics keep ingest's promises, and reports
/// new findings. Each probe repeats a refused check, so repairing the topic is enough.
///
/// Threads: confined.
class TopicChecks {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct TopicVerdict {
    std::optional<std::string> refused;            ///< The first finding that breaks a promise.
    std::optional<std::size_t> max_message_bytes;  ///< Of `callbacks`, if readable.
    /// False for a first refusal. It proves little: not every broker knows a new topic yet. So it
    /// does not stop a working producer.
    bool is_settled = false;
  };

  TopicChecks(TopicCheck check, KafkaEvents& events) : check_(std::move(check)), events_(events) {}

  /// Makes the next check due at once.
  void Require() { is_required_ = true; }
  [[nodiscard]] bool IsDue(TimePoint now) const { return is_required_ || now >= next_; }
  /// True once a check has had an answer.
  [[nodiscard]] bool has_answer() const { return next_ != TimePoint(); }

  /// Errors: those of the check. The last findings remain valid.
  common::Result<TopicVerdict> Check(const ProducerSession& session);

 private:
  const TopicCheck check_;
  KafkaEvents& events_;
  TimePoint next_{};
  std::set<std::string> reported_;  ///< The last findings, so that only new ones are reported.
  bool is_required_ = true;
  bool was_refused_ = false;  ///< By the last check.
};

}  // namespace ingest
