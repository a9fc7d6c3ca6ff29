#include "ops/ctl/status/status_transactions.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace ctl {

using common::Deadline;
using common::Result;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kPause{200};

}  // namespace

Result<std::unique_ptr<TransactionWatch>> TransactionWatch::Open(const ClusterSettings& settings) {
  auto watch = std::make_unique<TransactionWatch>();
  const common::TopicNames& topics = settings.topics;
  std::vector<std::string> names{topics.callbacks, topics.seen, topics.processes, topics.dead};
  if (settings.expected) {
    names.push_back(topics.expected);
    watch->announcements_ = topics.expected;
  }
  for (const std::string& topic : names) {
    auto scan = TopicScan::Open(settings, topic);
    if (!scan) return scan.error();
    watch->scans_[topic] = *std::move(scan);
  }
  return watch;
}

Result<std::vector<OpenTransaction>> TransactionWatch::Look(milliseconds patience,
                                                            const std::stop_token& stop) {
  const Deadline deadline = Deadline::After(patience);
  while (true) {
    if (const auto looked = LookOnce(Deadline::Clock::now()); !looked) return looked.error();
    const bool is_told = std::all_of(seen_.begin(), seen_.end(), [](const auto& entry) {
      return entry.second.record && entry.second.record->is_broker_time;
    });
    if (is_told || deadline.HasPassed() || stop.stop_requested()) break;
    std::this_thread::sleep_for(kPause);
  }
  std::vector<OpenTransaction> open;
  for (const auto& [place, seen] : seen_) {
    OpenTransaction transaction{
        .topic = std::get<0>(place),
        .partition = std::get<1>(place),
        .offset = std::get<2>(place),
        .is_of_announcements = std::get<0>(place) == announcements_,
        .seen_for = std::chrono::duration_cast<milliseconds>(Deadline::Clock::now() - seen.first)};
    if (seen.record) {
      if (seen.record->is_broker_time) transaction.since = seen.record->time;
      transaction.instance = seen.record->instance;
      transaction.transaction = seen.record->transaction;
    }
    open.push_back(std::move(transaction));
  }
  return open;
}

// Ends first: a transaction that is below them and unstable afterwards was open all the time.
Result<void> TransactionWatch::LookOnce(TimePoint now) {
  std::map<Place, Seen> open;
  for (const auto& [topic, scan] : scans_) {
    const Result<Extents> whole = scan->Find({});
    if (!whole && topic == announcements_) continue;  // CheckTopics() tells.
    if (!whole) return whole.error();
    const auto stable = scan->FindStableEnds(*whole);
    if (!stable) return stable.error();
    for (const auto& [partition, extent] : *whole) {
      const common::Offset offset = stable->at(partition);
      if (offset >= extent.to) continue;
      const Place place(topic, partition, offset);
      const auto known = seen_.find(place);
      Seen seen = known == seen_.end() ? Seen{.first = now} : known->second;
      if (!seen.record) seen.record = scan->PeekUncommitted(partition, offset);
      open.emplace(place, std::move(seen));
    }
  }
  seen_ = std::move(open);
  return {};
}

}  // namespace ctl
