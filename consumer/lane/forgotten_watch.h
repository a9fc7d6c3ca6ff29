#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "consumer/lane/records.h"

namespace consumer {

/// Where a transaction stands open for longer than that of any living instance can.
///
/// Threads: confined to one, or guarded. Time: an argument.
class ForgottenWatch {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Standing {
    std::string topic;
    Partition partition = 0;
    Offset at = 0;  ///< Where it begins.
    std::chrono::steady_clock::duration for_how_long{};
  };

  /// A look at a partition of the topic that found a transaction open there.
  void SawOpen(const std::string& topic, Partition partition, Offset at, TimePoint now) {
    const auto [entry, is_new] = open_.try_emplace({topic, partition}, State{at, now});
    if (!is_new && entry->second.at != at) entry->second = {at, now};
  }
  /// One that found none. What could not be looked at stays as it was.
  void SawClean(const std::string& topic, Partition partition) { open_.erase({topic, partition}); }
  /// Of other partitions than before.
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
