#include <algorithm>
#include <utility>
#include <variant>

#include "common/domain/key_partition.h"
#include "common/domain/reconciled.h"
#include "consumer/lane/expected_flow.h"
#include "consumer/lane/outgoing_records.h"

namespace consumer {
namespace {

using common::Identity;
using std::chrono::milliseconds;

}  // namespace

Completion ExpectedFlow::MakeResult(JobId id, Look& look, const ExpectedEntry& entry,
                                    FetchResult& result, const Now& now, Tasks& tasks) {
  auto& fetched = std::get<Fetched>(result.outcome);
  const std::string& status = *fetched.status;
  look.is_lost =
      fetched.updated_at &&
      ExpectedPolicy::IsLost(*fetched.updated_at, milliseconds(entry.within_ms), now.wall);
  for (const std::string_view one : {std::string_view(status), std::string_view()}) {
    look.markers.push_back(common::IdentityOf(NameOfFacts(look), look.dossier, look.process, one));
  }
  for (const std::string_view one : {std::string_view(status), std::string_view()}) {
    look.markers.push_back(common::IdentityOfReconciled(look.dossier, look.process, one));
  }
  tasks.at(look.partition).StartReconciling(look.markers);
  ++watched_.at(look.partition).results;
  return {.id = id,
          .partition = look.partition,
          .offset = kNowhere,
          .identity = look.markers.front(),
          .more = {look.markers.begin() + 1, look.markers.end()},
          .marked_at = std::max(now.wall, entry.announced_at),
          .key_hash = common::Murmur2(look.process.str()),
          .is_reconciled = true,
          .effort = result.effort,
          .record = ResultOf(look.partition,
                             {.provider = look.provider,
                              .dossier = look.dossier.str(),
                              .process = look.process.str(),
                              .status = status},
                             fetched, result.effort)};
}

void ExpectedFlow::WaitBehind(const Identity& reconciled, JobId callback) {
  const auto look = std::ranges::find_if(looks_, [&](const auto& entry) {
    return std::ranges::find(entry.second.markers, reconciled) != entry.second.markers.end();
  });
  look->second.behind.push_back(callback);
}

std::vector<JobId> ExpectedFlow::Committed(JobId id, Tasks& tasks) {
  const auto slot = EntryOf(looks_.at(id));
  const Look look = Forget(id);
  tasks.at(look.partition).StopReconciling(look.markers);
  ports_.events.ExpectedEnded({.row = look.row,
                               .end = ExpectedEnd::kReconciled,
                               .is_lost = look.is_lost,
                               .provider = look.provider,
                               .dossier = look.dossier.str(),
                               .process = look.process.str()});
  if (slot) watched_.at(look.partition).table.Remove(*slot);
  return look.behind;
}

std::vector<JobId> ExpectedFlow::GivenUp(JobId id, const Now& now, Tasks& tasks) {
  if (!Owns(id)) return {};
  const auto slot = EntryOf(looks_.at(id));
  const Look look = Forget(id);
  tasks.at(look.partition).StopReconciling(look.markers);
  if (slot) Judge(look, *slot, LookAnswer::kFailed, now);
  return look.behind;
}

std::vector<JobId> ExpectedFlow::Refused(JobId id, RefusalReason reason, Tasks& tasks) {
  if (!Owns(id)) return {};
  const auto slot = EntryOf(looks_.at(id));
  const Look look = Forget(id);
  tasks.at(look.partition).StopReconciling(look.markers);
  ports_.events.ExpectedRefused(look.process.str(), reason);
  if (slot) End(look.partition, watched_.at(look.partition).table, *slot, ExpectedEnd::kRefused);
  return look.behind;
}

}  // namespace consumer
