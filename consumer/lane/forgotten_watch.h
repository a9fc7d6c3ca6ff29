#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "consumer/lane/records.h"

namespace consumer {

/// Finds partitions on which a transaction has been open for longer than any of a living instance.
/// A partition that nobody could look at is neither open nor clean.
///
/// Threads: confined to one, or guarded. Time: an argument.
class ForgottenWatch {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Standing {
    std::string topic;
    Partition partition{};
    Offset at{};  ///< Offset of its first record.
    std::chrono::steady_clock::duration for_how_long{};
  };

  /// A partition of a topic. None: the topic's partitions are unknown, so no look answers for it.
  using Place = std::pair<std::string, std::optional<Partition>>;

  /// A look begins: these are its places, and no others are watched from now on.
  void Watch(std::set<Place> places) {
    watched_ = std::move(places);
    std::erase_if(answered_, [&](const auto& entry) { return !watched_.contains(entry.first); });
  }
  /// The look found an open transaction on a partition of the topic.
  void SawOpen(const std::string& topic, Partition partition, Offset at, TimePoint now) {
    answered_[{topic, partition}] = now;
    const auto [entry, is_new] = open_.try_emplace({topic, partition}, State{at, now});
    if (!is_new && entry->second.at != at) entry->second = {at, now};
  }
  /// It found none. A failed look changes nothing.
  void SawClean(const std::string& topic, Partition partition, TimePoint now) {
    answered_[{topic, partition}] = now;
    open_.erase({topic, partition});
  }
  /// Call when the watched partitions change.
  void Clear() {
    watched_.clear();
    answered_.clear();
    open_.clear();
  }

  /// True if every place was seen within that time: only then, "none found" means that there is
  /// none.
  [[nodiscard]] bool HasSeenAll(TimePoint now, std::chrono::milliseconds within) const {
    return !watched_.empty() && std::ranges::all_of(watched_, [&](const Place& place) {
      const auto answered = answered_.find(place);
      return answered != answered_.end() && now - answered->second <= within;
    });
  }

  [[nodiscard]] std::vector<Standing> Find(TimePoint now,
                                           std::chrono::milliseconds patience) const {
    std::vector<Standing> standing;
    for (const auto& [place, state] : open_) {
      if (now - state.since < patience) continue;
      standing.push_back({place.first, place.second, state.at, now - state.since});
    }
    return standing;
  }

 private:
  struct State {
    Offset at{};
    TimePoint since{};
  };
  std::set<Place> watched_;
  std::map<Place, TimePoint> answered_;  ///< When a look last saw it.
  std::map<std::pair<std::string, Partition>, State> open_;
};

}  // namespace consumer
