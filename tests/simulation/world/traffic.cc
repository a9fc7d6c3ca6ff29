// Callbacks arrive, for the first time and again.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/key_partition.h"
#include "tests/simulation/world/limits.h"
#include "tests/simulation/world/world.h"

namespace simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// More than a topic accepts.
constexpr std::size_t kBigBytes = 7'000;
/// The facts of one process in so many are reported by events as well.
constexpr int kOnBothRoads = 4;
/// One process in so many is an event of the row `hooks` instead.
constexpr int kHooks = 5;

int NumberOf(const Entry& callback) {
  return callback.key.empty() ? 0 : std::stoi(callback.key.substr(1));
}

bool IsHook(int number) { return number % kHooks == 3 && number % kOnBothRoads != 0; }

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

common::ProviderTable RowsOfWorld(bool watches_expected) {
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
  // As common::config::WidenWindows() does.
  if (watches_expected) {
    for (common::ProviderRow& row : rows) {
      row.dedup_window = std::max(row.dedup_window, ExpectedOf().reach());
    }
  }
  return common::ProviderTable(std::move(rows));
}

void World::Arrive(const Action& action) {
  if (action.kind == Kind::kAnnounce) return Announce(action);
  if (HoldsTraffic([this, action] { Arrive(action); })) return;
  for (int i = 0; i < std::abs(action.number); ++i) {
    if (action.number < 0) SkipToBig();
    const bool is_again = action.kind == Kind::kRedeliver && !written_.empty();
    auto [partition, entry] = is_again ? AnEarlierOne() : NewCallback();
    const Offset offset = cluster_.log({Topic::kCallbacks, partition}).end();
    judge_.Arrived(partition, offset, entry.key);
    written_.emplace_back(partition, entry);
    // Each road repeats it, in turns. No random number: recorded histories stay what they are.
    if (!scenario_.has_big_records && IsHook(NumberOf(entry))) {
      entry = HookOf(entry, written_.size());
    } else if (!scenario_.has_big_records && !entry.key.empty() &&
               NumberOf(entry) % kOnBothRoads == 0 && written_.size() % 2 == 0) {
      entry = EventOf(entry);
    }
    cluster_.Append({Topic::kCallbacks, partition}, std::move(entry));
  }
}

void World::SkipToBig() {
  while (std::to_string(last_process_ + 1).back() != AssureApi::kBig) ++last_process_;
}

void World::Later(Span span, std::function<void()> act) {
  ++awaited_;
  runtime_.After(span, [this, act = std::move(act)] {
    --awaited_;
    act();
  });
}

void World::Announce(const Action& action) {
  if (!scenario_.has_announcements) return;
  for (int i = 0; i < action.number; ++i) AnnounceOne();
}

// Callbacks are due after eight seconds, and most processes are finished by then.
void World::AnnounceOne() {
  Random& random = announced_random_;
  // Events that are not fetched have no process to ask for.
  while (IsHook(++last_process_)) {
  }
  // On a shared site others send callbacks, of other processes.
  const bool has_callback = own_ != nullptr;
  const std::string process = (has_callback ? "p" : "a") + std::to_string(last_process_);
  const auto provider = random.Chance(0.6) ? "onfido" : random.Chance(0.7) ? "readid" : "nobody";
  const std::string value = R"({"dossierId":"d)" + process + R"(","processId":")" + process +
                            R"(","provider":")" + provider + R"("})";
  const bool is_finished = random.Chance(0.15);
  const bool takes_long = random.Chance(0.2);
  const Span until_finished = is_finished  ? -random.Between(milliseconds(100), seconds(5))
                              : takes_long ? random.Between(seconds(6), seconds(40))
                                           : random.Between(milliseconds(0), seconds(6));
  const Time finished_at = runtime_.now() + until_finished;
  const auto wall = std::chrono::floor<milliseconds>(runtime_.WallOf(nullptr) + until_finished);
  api_.finishes[process] = {.at = finished_at, .updated_at = common::FormatRfc3339(wall)};
  judge_.WillBeAnnounced(process, finished_at);
  const double fate = has_callback ? random.Unit() : 1;
  if (fate < 0.3) {  // In time.
    Later(std::max(Span(0), until_finished) + random.Between(milliseconds(10), seconds(4)),
          [this, process] { Deliver(process); });
  } else if (fate < 0.55) {  // When it is nearly due, or overdue.
    Later(std::max(Span(0), until_finished) + random.Between(seconds(4), seconds(30)),
          [this, process] { Deliver(process); });
  }  // Or never.
  const bool comes_first = fate < 0.1;
  const Span until_announced =
      comes_first ? std::max(Span(0), until_finished) + random.Between(seconds(1), seconds(6))
                  : Span(0);
  Later(until_announced, [this, process, value] { WriteAnnouncement(process, value); });
  if (random.Chance(0.2)) {
    Later(until_announced + random.Between(milliseconds(50), seconds(30)),
          [this, process, value] { WriteAnnouncement(process, value); });
  }
  if (random.Chance(0.15)) {
    Later(until_announced + random.Between(seconds(1), seconds(20)),
          [this, process] { WriteAnnouncement(process, {}); });
  }
}

/// An empty value takes the announcement back.
void World::WriteAnnouncement(const std::string& process, const std::string& value) {
  const Place place{Topic::kExpected,
                    common::PartitionOf(process, cluster_.PartitionsOf(Topic::kExpected)).number()};
  judge_.Announced(place.partition, cluster_.log(place).end(), process, value.empty());
  Entry entry;
  entry.key = process;
  entry.value = value;
  cluster_.Append(place, std::move(entry));
}

void World::Deliver(const std::string& process) {
  if (HoldsTraffic([this, process] { Deliver(process); })) return;
  Entry entry = CallbackOf(process);
  const Place place{
      Topic::kCallbacks,
      common::PartitionOf(process, cluster_.PartitionsOf(Topic::kCallbacks)).number()};
  judge_.Arrived(place.partition, cluster_.log(place).end(), entry.key);
  written_.emplace_back(place.partition, entry);
  cluster_.Append(place, std::move(entry));
}

std::pair<int, Entry> World::AnEarlierOne() {
  std::size_t among = written_.size();
  if (scenario_.recent > 0) among = std::min(among, static_cast<std::size_t>(scenario_.recent));
  auto earlier = written_[written_.size() - 1 - random_.Below(among)];
  earlier.first =
      common::PartitionOf(earlier.second.key, cluster_.PartitionsOf(Topic::kCallbacks)).number();
  return earlier;
}

Entry World::CallbackOf(const std::string& process) const {
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
  return entry;
}

std::pair<int, Entry> World::NewCallback() {
  const std::string process = "p" + std::to_string(++last_process_);
  return {common::PartitionOf(process, cluster_.PartitionsOf(Topic::kCallbacks)).number(),
          CallbackOf(process)};
}

}  // namespace simulation
