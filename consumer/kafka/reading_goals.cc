#include "consumer/kafka/reading_goals.h"

#include <algorithm>

namespace consumer {

std::string_view ToText(UnreadReason reason) {
  switch (reason) {
    case UnreadReason::kRoom:
      return "full";
    case UnreadReason::kOpenTransaction:
      return "open_transaction";
    case UnreadReason::kNoAnswer:
      return "no_answer";
  }
  return "";
}

std::string_view AdviceFor(UnreadReason reason) {
  switch (reason) {
    case UnreadReason::kRoom:
      return "too many announced processes are outstanding: see expected.full";
    case UnreadReason::kOpenTransaction:
      return "a program that writes announcements has left a transaction open: end it, or stop the "
             "program; `sluicectl status` names the transaction";
    case UnreadReason::kNoAnswer:
      return "the brokers do not answer for the topic, or refuse: see expected.look_up_failed. The "
             "consumer needs Read and Describe on it (`sluicectl topics check`)";
  }
  return "";
}

void ReadingGoals::Follow(const std::map<Partition, Epoch>& partitions, TimePoint now) {
  std::erase_if(standings_, [&](const auto& entry) {
    const auto at = partitions.find(entry.first);
    return at == partitions.end() || at->second != entry.second.epoch;
  });
  for (const auto& [partition, epoch] : partitions) {
    standings_.try_emplace(partition, Standing{.epoch = epoch, .read_until = now});
  }
}

void ReadingGoals::Pursue(Partition partition, Offset end, TimePoint looked_up_at) {
  Standing& standing = standings_.at(partition);
  standing.end = end;
  standing.looked_up_at = looked_up_at;
}

std::optional<ReadingGoals::TimePoint> ReadingGoals::Reached(Partition partition, Offset next) {
  Standing& standing = standings_.at(partition);
  if (!standing.end || next < *standing.end) return std::nullopt;
  standing.end.reset();
  standing.read_until = standing.looked_up_at;
  return standing.read_until;
}

std::optional<ReadingGoals::Latest> ReadingGoals::FurthestBehind() const {
  const auto found = std::ranges::min_element(
      standings_, {}, [](const auto& entry) { return entry.second.read_until; });
  if (found == standings_.end()) return std::nullopt;
  return Latest{.partition = found->first, .read_until = found->second.read_until};
}

}  // namespace consumer
