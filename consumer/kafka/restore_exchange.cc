#include "consumer/kafka/restore_exchange.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace consumer {
namespace {

/// Looks take place every 5 s.
constexpr std::chrono::seconds kLookIsCurrent{15};

}  // namespace

std::vector<Partition> RestoreRequest::Assigned() const {
  std::vector<Partition> assigned = partitions;
  assigned.insert(assigned.end(), running.begin(), running.end());
  return assigned;
}

void RestoreExchange::Restore(RestoreOrder order) {
  {
    const std::lock_guard lock(mutex_);
    const bool begins_anew = !order.goes_on || (!asked_.is_taken && asked_.begins_anew);
    asked_ = {std::move(order), Clock::now(), begins_anew};
    std::ranges::move(handed_, std::back_inserter(returned_));
    handed_.clear();
    if (!asked_.goes_on) {
      progress_.Clear();
      forgotten_.Clear();
      standing_.positions.clear();
      standing_.unchecked.clear();
      first_watched_.clear();
      bounds_.clear();
    }
    for (const Partition partition : asked_.partitions) {
      standing_.positions.erase(partition);
      standing_.unchecked.erase(partition);
      first_watched_.erase(partition);
      std::erase_if(bounds_, [&](const LogBounds& one) { return one.partition == partition; });
    }
    progress_.Begin(asked_.partitions, asked_.asked_at);
  }
  changed_.notify_all();
}

std::vector<RestoredPartition> RestoreExchange::TakeRestored() {
  wake_.Drain();
  const std::lock_guard lock(mutex_);
  std::vector<RestoredPartition> restored;
  for (HandedPartition& one : handed_) restored.push_back(std::move(one.restored));
  handed_.clear();
  return restored;
}

void RestoreExchange::Watch(Standing standing) {
  const std::lock_guard lock(mutex_);
  for (const auto& [partition, position] : standing.positions) {
    if (position.last) first_watched_.try_emplace(partition, position);
  }
  standing_ = std::move(standing);
}

std::vector<LogBounds> RestoreExchange::TakeBounds() {
  const std::lock_guard lock(mutex_);
  return std::exchange(bounds_, {});
}

TopicView RestoreExchange::Topic() {
  const std::lock_guard lock(mutex_);
  return topic_;
}

std::vector<StuckRestore> RestoreExchange::Stuck() {
  const std::lock_guard lock(mutex_);
  return progress_.Stuck(Clock::now(), stuck_after_);
}

// One that was found stands, however long ago.
std::optional<ForgottenPlaces> RestoreExchange::Forgotten() {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  ForgottenPlaces places;
  for (const ForgottenWatch::Standing& standing : forgotten_.Find(now, stuck_after_)) {
    places.emplace(standing.topic, standing.partition);
  }
  if (places.empty() && !forgotten_.HasSeenAll(now, kLookIsCurrent)) return std::nullopt;
  return places;
}

std::vector<EndedTransaction> RestoreExchange::TakeEnded() {
  const std::lock_guard lock(mutex_);
  return std::exchange(ended_, {});
}

bool RestoreExchange::Await(RestoreRequest& request, Clock::time_point until,
                            const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto is_new = [&] { return asked_.epoch != request.epoch; };
  // Replaces time_point::max(), which overflows in the wait.
  until = std::min(until, Clock::now() + std::chrono::hours(1));
  if (!changed_.wait_until(lock, stop, until, is_new)) return false;
  asked_.is_taken = true;
  request = asked_;
  return true;
}

bool RestoreExchange::IsCurrent(const RestoreRequest& request) {
  const std::lock_guard lock(mutex_);
  return asked_.epoch == request.epoch;
}

bool RestoreExchange::IsWanted(Partition partition) {
  const std::lock_guard lock(mutex_);
  return std::ranges::find(asked_.partitions, partition) != asked_.partitions.end();
}

void RestoreExchange::Awaits(const RestoreRequest& request, Partition partition, Awaiting awaiting,
                             std::optional<Offset> at) {
  const std::lock_guard lock(mutex_);
  if (asked_.epoch == request.epoch) progress_.Awaits(partition, awaiting, at);
}

bool RestoreExchange::Reached(const RestoreRequest& request, const Offsets& reached,
                              Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (asked_.epoch != request.epoch) return false;
  for (const auto& [partition, offset] : reached) progress_.Reached(partition, offset, now);
  return true;
}

void RestoreExchange::HandOver(HandedPartition handed) {
  {
    const std::lock_guard lock(mutex_);
    if (handed.restored.epoch != asked_.epoch) {
      returned_.push_back(std::move(handed));
      return;
    }
    progress_.Done(handed.restored.partition);
    handed_.push_back(std::move(handed));
  }
  wake_.Signal();
}

std::vector<HandedPartition> RestoreExchange::TakeReturned() {
  const std::lock_guard lock(mutex_);
  return std::exchange(returned_, {});
}

std::optional<TopicWatch::Watched> RestoreExchange::Watched(const RestoreRequest& request) {
  const std::lock_guard lock(mutex_);
  if (asked_.epoch != request.epoch) return std::nullopt;
  return TopicWatch::Watched{.assigned = asked_.Assigned(),
                             .restoring = request.partitions,
                             .standing = standing_,
                             .first = first_watched_};
}

void RestoreExchange::Publish(const TopicView& topic) {
  const std::lock_guard lock(mutex_);
  topic_ = topic;
}

bool RestoreExchange::Publish(const RestoreRequest& request, std::vector<LogBounds> bounds) {
  {
    const std::lock_guard lock(mutex_);
    if (asked_.epoch != request.epoch) return false;
    bounds_ = std::move(bounds);
  }
  wake_.Signal();
  return true;
}

void RestoreExchange::LooksAt(std::set<ForgottenWatch::Place> places) {
  const std::lock_guard lock(mutex_);
  forgotten_.Watch(std::move(places));
}

void RestoreExchange::Saw(const std::string& topic, const OpenPartitions& found,
                          Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  for (const Partition partition : found.clean) forgotten_.SawClean(topic, partition, now);
  for (const auto& [partition, at] : found.open) forgotten_.SawOpen(topic, partition, at, now);
}

std::vector<ForgottenWatch::Standing> RestoreExchange::FindForgotten() {
  const std::lock_guard lock(mutex_);
  return forgotten_.Find(Clock::now(), stuck_after_);
}

void RestoreExchange::Ended(EndedTransaction ended) {
  const std::lock_guard lock(mutex_);
  ended_.push_back(std::move(ended));
}

}  // namespace consumer
