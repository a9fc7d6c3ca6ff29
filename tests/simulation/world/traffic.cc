// Callbacks arrive, for the first time and again.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/key_partition.h"
#include "tests/simulation/world/world.h"

namespace simulation {
namespace {

/// More than a topic accepts.
constexpr std::size_t kBigBytes = 7'000;
/// The facts of one process in so many are reported by events as well.
constexpr int kOnBothRoads = 4;
/// One process in so many is an event of the row `hooks` instead.
constexpr int kHooks = 5;

int NumberOf(const Entry& callback) {
  return callback.key.empty() ? 0 : std::stoi(callback.key.substr(1));
}

bool IsHook(const Entry& callback) {
  const int number = NumberOf(callback);
  return number % kHooks == 3 && number % kOnBothRoads != 0;
}

/// An event that is published as it came. Each delivery has other bytes and the same id.
Entry HookOf(const Entry& callback, std::size_t delivery) {
  Entry hook;
  hook.key = callback.key;
  hook.value = R"({"id":")" + callback.key + R"(","delivery":)" + std::to_string(delivery) + "}";
  hook.headers = {{"provider", std::string(kHookRow)}};
  return hook;
}

/// The event that reports the fact of a callback.
Entry EventOf(const Entry& callback) {
  const std::string process = callback.key;
  Entry event;
  event.key = process;
  event.value = R"({"id":"e-)" + process + R"(","data":{"dossierId":"d)" + process +
                R"(","processId":")" + process + R"(","status":"accepted"}})";
  event.headers = {{"provider", "events"}};
  return event;
}

}  // namespace

common::ProviderTable RowsOfWorld() {
  std::vector<common::ProviderRow> rows = common::ProviderTable().rows();
  const auto onfido = std::ranges::find(rows, "onfido", &common::ProviderRow::name);
  common::ProviderRow events{.name = "events", .dedup_window = onfido->dedup_window};
  common::EventRules& rules = events.events.emplace();
  rules.extract.id = {"id"};
  rules.extract.dossier = {"data", "dossierId"};
  rules.extract.process = {"data", "processId"};
  rules.extract.status = {"data", "status"};
  rules.same_as = "onfido";
  common::ProviderRow hooks{.name = std::string(kHookRow), .dedup_window = onfido->dedup_window};
  hooks.events.emplace().extract.id = {"id"};
  hooks.events->fetch = common::EventFetch::kNone;
  rows.push_back(std::move(events));
  rows.push_back(std::move(hooks));
  return common::ProviderTable(std::move(rows));
}

void World::Arrive(const Action& action) {
  for (int i = 0; i < action.number; ++i) {
    const bool is_again = action.kind == Kind::kRedeliver && !written_.empty();
    auto [partition, entry] = is_again ? AnEarlierOne() : NewCallback();
    const Offset offset = cluster_.log({Topic::kCallbacks, partition}).end();
    judge_.Arrived(partition, offset, entry.key);
    written_.emplace_back(partition, entry);
    // Each road repeats it, in turns. No random number: recorded histories stay what they are.
    if (!scenario_.has_big_records && IsHook(entry)) {
      entry = HookOf(entry, written_.size());
    } else if (!scenario_.has_big_records && !entry.key.empty() &&
               NumberOf(entry) % kOnBothRoads == 0 && written_.size() % 2 == 0) {
      entry = EventOf(entry);
    }
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
