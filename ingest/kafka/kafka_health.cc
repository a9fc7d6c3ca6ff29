#include "ingest/kafka/kafka_health.h"

#include <algorithm>
#include <utility>

namespace ingest {

void KafkaHealth::ProbeAnswered(TimePoint now, std::size_t partitions,
                                std::set<common::Partition> leaderless) {
  probed_at_ = now;
  answered_at_ = now;
  unanswered_since_.reset();
  if (partitions == 0) return;
  partitions_ = partitions;
  leaderless_ = std::move(leaderless);
}

void KafkaHealth::ProbeFailed(TimePoint now, std::string why) {
  probed_at_ = now;
  probe_error_ = std::move(why);
  if (!unanswered_since_) unanswered_since_ = now;
}

void KafkaHealth::Delivered(TimePoint now, common::Partition partition) {
  last_success_ = now;
  failure_of_all_.reset();
  if (!failures_.empty()) failures_.erase(partition);
}

void KafkaHealth::DeliveryFailed(TimePoint now, std::optional<common::Partition> partition,
                                 std::string why) {
  if (partition) {
    failures_.insert_or_assign(*partition, Failure{now, std::move(why)});
  } else {
    failure_of_all_ = Failure{now, std::move(why)};
  }
}

void KafkaHealth::TopicsChecked(std::optional<std::string> refused) {
  topics_ = refused ? Topics::kRefused : Topics::kAccepted;
  refusal_ = std::move(refused).value_or("");
}

std::optional<std::string> KafkaHealth::WhyAway(TimePoint now) const {
  if (topics_ == Topics::kRefused) return refusal_;
  if (unusable_) return unusable_;
  if (last_success_ && now - *last_success_ < kSuccessCounts) return std::nullopt;
  if (!answered_at_) return probe_error_;
  if (unanswered_since_ && now - *unanswered_since_ >= kSilenceCounts) return probe_error_;
  if (probed_at_ && now - *probed_at_ >= kProbeCounts) return "Kafka was not asked lately";
  if (topics_ == Topics::kUnchecked) return "the topics are not checked yet";
  return WhyDeliveriesFail(now);
}

std::optional<std::string> KafkaHealth::WhyDeliveriesFail(TimePoint now) const {
  if (partitions_ > 0 && leaderless_.size() >= partitions_) return "no partition has a leader";
  if (failure_of_all_ && now - failure_of_all_->at < kFailureCounts) return failure_of_all_->why;
  const Failure* latest = nullptr;
  std::size_t failing = 0;
  for (const auto& [partition, failure] : failures_) {
    if (now - failure.at >= kFailureCounts || leaderless_.contains(partition)) continue;
    ++failing;
    if (latest == nullptr || failure.at > latest->at) latest = &failure;
  }
  const std::size_t others = partitions_ - std::min(partitions_, leaderless_.size());
  const bool is_kafka = failing > 1 || (failing == 1 && others <= 1);
  return is_kafka ? std::optional(latest->why) : std::nullopt;
}

bool KafkaHealth::IsWorthTrying(TimePoint now) const {
  if (topics_ != Topics::kAccepted || unusable_) return false;
  if (last_success_ && now - *last_success_ < kGivesUpAfter) return true;
  return !unanswered_since_ || now - *unanswered_since_ < kGivesUpAfter;
}

bool KafkaHealth::KnowsPartitions(TimePoint now) const {
  return answered_at_ && now - *answered_at_ < kProbeCounts;
}

std::map<common::Partition, std::string> KafkaHealth::FailingPartitions(TimePoint now) const {
  std::map<common::Partition, std::string> failing;
  for (const common::Partition partition : leaderless_) {
    failing.emplace(partition, "it has no leader");
  }
  for (const auto& [partition, failure] : failures_) {
    if (now - failure.at < kFailureCounts) failing.emplace(partition, failure.why);
  }
  return failing;
}

}  // namespace ingest
