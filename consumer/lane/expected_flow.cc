#include "consumer/lane/expected_flow.h"

#include <utility>

namespace consumer {
namespace {

constexpr std::size_t kDuePerTurn = 1'000;

}  // namespace

ExpectedFlow::ExpectedFlow(const ExpectedFlowSettings& settings,
                           const common::ProviderTable& providers, Ports ports)
    : policy_(settings.expected, settings.not_found_for),
      search_(providers),
      outstanding_(providers, ports.fetcher, ports.events),
      announcements_(settings.expected, settings.most,
                     {.source = ports.announcements,
                      .outstanding = outstanding_,
                      .policy = policy_,
                      .events = ports.events,
                      .accounts = ports.accounts,
                      .unit_random = std::move(ports.unit_random)}),
      results_({.outstanding = outstanding_,
                .search = search_,
                .policy = policy_,
                .events = ports.events}),
      looks_({.rate = settings.expected.rate,
              .under_way = settings.most_looks,
              .results = settings.most_results},
             {.outstanding = outstanding_,
              .search = search_,
              .results = results_,
              .policy = policy_,
              .fetcher = ports.fetcher,
              .events = ports.events,
              .accounts = ports.accounts,
              .new_id = std::move(ports.new_id)}) {}

void ExpectedFlow::Restored(Partition partition, const Moment& now) {
  outstanding_.Watch(partition, now.steady);
  announcements_.Follow();
}

std::unordered_set<JobId> ExpectedFlow::Drop(const std::set<Partition>& partitions) {
  std::unordered_set<JobId> dropped = outstanding_.Drop(partitions);
  announcements_.Follow();
  return dropped;
}

void ExpectedFlow::Clear() {
  outstanding_.Clear();
  announcements_.Clear();
  announcements_.Follow();
}

void ExpectedFlow::Learn(const std::vector<LogBounds>& bounds, const Moment& now) {
  for (const LogBounds& learned : bounds) {
    const auto found = outstanding_.partitions().find(learned.partition);
    if (found != outstanding_.partitions().end()) found->second.reading.Learn(learned, now);
  }
}

void ExpectedFlow::Turn(const Moment& now, bool may_look, Tasks& tasks) {
  announcements_.TakeIn(now, tasks);
  for (auto& [partition, watched] : outstanding_.partitions()) {
    watched.table.MoveDue(now.wall, kDuePerTurn);
    Task& task = tasks.at(partition);
    const auto passed = watched.reading.HasReached(task.NextToRead());
    if (passed) task.HasPassed(*passed, now.wall);
  }
  if (may_look) looks_.StartDue(now, tasks);
}

void ExpectedFlow::Came(const common::CallbackFacts& facts, const Moment& now) {
  const auto id = outstanding_.looks().FindAt(facts.process);
  if (!id) return;
  const Partition partition = outstanding_.looks().At(*id).partition;
  if (!outstanding_.CancelLook(facts.process)) return;
  ExpectedTable& table = outstanding_.At(partition).table;
  const auto slot = table.Find(facts.process.str());
  if (slot) table.Postpone(*slot, now.wall + kWhileInHand);
}

void ExpectedFlow::Handled(Partition partition, const common::CallbackFacts& facts) {
  const auto watched = outstanding_.partitions().find(partition);
  if (watched == outstanding_.partitions().end()) return;
  if (!facts.is_readable || !facts.is_final) return;
  const ExpectedTable& table = watched->second.table;
  const auto slot = table.Find(facts.process.str());
  if (!slot || table.At(*slot).dossier() != facts.dossier.str()) return;
  outstanding_.End(partition, *slot, ExpectedEnd::kCallback);
}

}  // namespace consumer
