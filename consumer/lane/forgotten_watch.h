#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "consumer/lane/records.h"

namespace consumer {

/// Finds partitions on which a transaction has been open for longer than any of a living instance.
///
/// Threads: confined to one, or guarded. Time: an argument.
class ForgottenWatch {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Standing {
    std::string topic;
    Partition partition = 0;
    Offset at = 0;  ///< Offset of its first record.
    std::chrono::steady_clock::duration for_how_long{};
  };

  /// A look found an open transaction on a partition of the topic.
  void SawOpen(const std::string& topic, Partition partition, Offset at, TimePoint now) {
    const auto [entry, is_new] = open_.try_emplace({topic, partition}, State{at, now});
    if (!is_new && entry->second.at != at) entry->second = {at, now};
  }
  /// A look found none. A failed look changes nothing.
  void SawClean(const std::string& topic, Partition partition) { open_.erase({topic, partition}); }
  /// Call when the watched partitions change.
  void Clear() { open_.clear(); }

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
    Offset at = 0;
    TimePoint since{};
  };
  std::map<std::pair<std::string, Partition>, State> open_;
};

}  // namespace consumer
