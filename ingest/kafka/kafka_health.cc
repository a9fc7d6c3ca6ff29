#include "ingest/kafka/kafka_health.h"

#include <utility>

namespace ingest {

void KafkaHealth::ProbeAnswered(TimePoint /*now*/) {
  probe_answers_ = true;
  unanswered_since_.reset();
}

void KafkaHealth::ProbeFailed(TimePoint now, std::string why) {
  probe_answers_ = false;
  probe_error_ = std::move(why);
  if (!unanswered_since_) unanswered_since_ = now;
}

void KafkaHealth::Delivered(TimePoint now) {
  last_success_ = now;
  last_failure_.reset();
}

void KafkaHealth::DeliveryFailed(TimePoint now, std::string why) {
  if (last_success_ && now - *last_success_ < kSuccessCounts) return;
  last_failure_ = now;
  delivery_error_ = std::move(why);
}

void KafkaHealth::TopicsChecked(std::optional<std::string> refused) {
  topics_ = refused ? Topics::kRefused : Topics::kAccepted;
  refusal_ = std::move(refused).value_or("");
}

std::optional<std::string> KafkaHealth::WhyAway(TimePoint now) const {
  if (topics_ == Topics::kRefused) return refusal_;
  if (!probe_answers_) return probe_error_;
  if (topics_ == Topics::kUnchecked) return "the topics are not checked yet";
  if (last_failure_ && now - *last_failure_ < kFailureCounts) return delivery_error_;
  return std::nullopt;
}

bool KafkaHealth::IsWorthTrying(TimePoint now) const {
  if (topics_ != Topics::kAccepted) return false;
  return !unanswered_since_ || now - *unanswered_since_ < kGivesUpAfter;
}

}  // namespace ingest
