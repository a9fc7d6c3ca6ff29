#include "consumer/lane/batch_cut.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>

namespace consumer {
namespace {

/// Precondition: all are suspected, and belong to at least two partitions.
BatchCut CutByPartition(const Suspicions& suspicions,
                        const std::set<std::optional<Partition>>& partitions) {
  const std::optional<Partition> middle =
      *std::next(partitions.begin(), static_cast<std::ptrdiff_t>(partitions.size() / 2));
  BatchCut cut{.at_fault = {}, .parts = {{}, {}}, .is_by_partition = true};
  for (std::size_t i = 0; i < suspicions.size(); ++i) {
    cut.parts[suspicions[i]->place.partition < middle ? 0 : 1].push_back(i);
  }
  return cut;
}

}  // namespace

BatchCut CutRefused(const Suspicions& suspicions) {
  std::set<std::optional<Partition>> refusing;
  std::map<Place, int> requests;  // Records in the refused requests.
  std::size_t in_refusing = 0;
  for (const auto& suspicion : suspicions) {
    if (!suspicion) continue;
    if (ConcernsPartition(suspicion->reason)) {
      refusing.insert(suspicion->place.partition);
      ++in_refusing;
    } else {
      ++requests[suspicion->place];
    }
  }
  if (in_refusing == suspicions.size() && refusing.size() > 1) {
    return CutByPartition(suspicions, refusing);
  }

  BatchCut cut;
  std::vector<std::size_t> rest;
  std::vector<std::size_t> suspects;
  for (std::size_t i = 0; i < suspicions.size(); ++i) {
    const auto& suspicion = suspicions[i];
    const bool is_record = suspicion && !ConcernsPartition(suspicion->reason);
    if (suspicion && (!is_record || requests.at(suspicion->place) == 1)) {
      cut.at_fault.push_back(i);
      continue;
    }
    rest.push_back(i);
    if (is_record) suspects.push_back(i);
  }
  if (rest.empty()) return cut;
  if (suspects.empty()) {
    cut.parts.push_back(std::move(rest));
    return cut;
  }
  const auto middle = std::lower_bound(rest.begin(), rest.end(), suspects[suspects.size() / 2]);
  cut.parts = {{rest.begin(), middle}, {middle, rest.end()}};
  return cut;
}

}  // namespace consumer
