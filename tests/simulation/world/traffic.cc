// Callbacks arrive, for the first time and again.
#include <algorithm>

#include "common/domain/key_partition.h"
#include "tests/simulation/world/world.h"

namespace simulation {
namespace {

/// More than a topic accepts.
constexpr std::size_t kBigBytes = 7'000;

}  // namespace

void World::Arrive(const Action& action) {
  for (int i = 0; i < action.number; ++i) {
    const bool is_again = action.kind == Kind::kRedeliver && !written_.empty();
    auto [partition, entry] = is_again ? AnEarlierOne() : NewCallback();
    const Offset offset = cluster_.log({Topic::kCallbacks, partition}).end();
    judge_.Arrived(partition, offset, entry.key);
    written_.emplace_back(partition, entry);
    cluster_.AppendCallback(partition, std::move(entry));
  }
}

std::pair<int, Entry> World::AnEarlierOne() {
  std::size_t among = written_.size();
  if (scenario_.recent > 0) among = std::min(among, static_cast<std::size_t>(scenario_.recent));
  return written_[written_.size() - 1 - random_.Below(among)];
}

std::pair<int, Entry> World::NewCallback() {
  const std::string process = "p" + std::to_string(++last_process_);
  Entry entry;
  entry.key = process;
  entry.value = R"({"dossierId":"d)";
  entry.value.append(process).append(R"(","processId":")").append(process);
  entry.value += R"(","status":"accepted")";
  if (scenario_.has_big_records && process.back() == AssureApi::kRefused) {
    entry.value += R"(,"more":")" + std::string(kBigBytes, 'x') + '"';
  }
  entry.value += '}';
  entry.headers = {{"provider", "onfido"}};
  return {common::PartitionOf(process, cluster_.PartitionsOf(Topic::kCallbacks)), std::move(entry)};
}

}  // namespace simulation
