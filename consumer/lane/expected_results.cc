#include "consumer/lane/expected_results.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "common/domain/key_partition.h"
#include "common/domain/reconciled.h"
#include "consumer/lane/look_judge.h"
#include "consumer/lane/outgoing_records.h"

namespace consumer {
namespace {

/// See common/domain/reconciled.h. `name`: the announced provider's.
std::vector<common::Identity> MarkersOf(const Look& look, std::string_view name,
                                        std::string_view status) {
  std::vector<common::Identity> markers;
  for (const std::string_view one : {status, std::string_view()}) {
    markers.push_back(common::IdentityOf(name, look.dossier, look.process, one));
  }
  for (const std::string_view one : {status, std::string_view()}) {
    markers.push_back(common::IdentityOfReconciled(look.dossier, look.process, one));
  }
  return markers;
}

/// True if the callback is lost and not just late.
bool IsLost(const Fetched& fetched, const ExpectedEntry& entry, common::WallTime now) {
  return fetched.updated_at &&
         ExpectedPolicy::IsLost(*fetched.updated_at, std::chrono::milliseconds(entry.within_ms),
                                now);
}

}  // namespace

Completion ExpectedResults::Make(FetchResult result, const Moment& now, Tasks& tasks) {
  Looks& looks = parts_.outstanding.looks();
  const Look& look = looks.At(result.id);
  const ExpectedEntry& entry =
      parts_.outstanding.At(look.partition).table.At(*parts_.outstanding.EntryOf(look));
  const auto& fetched = std::get<Fetched>(result.outcome);
  const std::string& status = *fetched.status;
  looks.Made(result.id, MarkersOf(look, parts_.search.NameOf(look), status),
             IsLost(fetched, entry, now.wall));
  tasks.at(look.partition).StartReconciling(look.markers);
  return {.id = result.id,
          .partition = look.partition,
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

std::vector<JobId> ExpectedResults::Committed(JobId id, Tasks& tasks) {
  const auto slot = parts_.outstanding.EntryOf(parts_.outstanding.looks().At(id));
  const Look look = parts_.outstanding.looks().Forget(id);
  tasks.at(look.partition).StopReconciling(look.markers);
  parts_.events.ExpectedEnded({.row = look.row,
                               .end = ExpectedEnd::kReconciled,
                               .is_lost = look.is_lost,
                               .provider = look.provider,
                               .dossier = look.dossier.str(),
                               .process = look.process.str()});
  if (slot) parts_.outstanding.At(look.partition).table.Remove(*slot);
  return look.behind;
}

std::vector<JobId> ExpectedResults::GivenUp(JobId id, const Moment& now, Tasks& tasks) {
  if (!parts_.outstanding.looks().Has(id)) return {};
  const auto slot = parts_.outstanding.EntryOf(parts_.outstanding.looks().At(id));
  const Look look = parts_.outstanding.looks().Forget(id);
  tasks.at(look.partition).StopReconciling(look.markers);
  if (!slot) return look.behind;
  ExpectedTable& table = parts_.outstanding.At(look.partition).table;
  const auto end = Judge(parts_.policy, table, *slot, LookAnswer::kFailed, now.wall);
  if (end) parts_.outstanding.Close(look.partition, *slot, end);
  return look.behind;
}

std::vector<JobId> ExpectedResults::Refused(JobId id, RefusalReason reason, Tasks& tasks) {
  if (!parts_.outstanding.looks().Has(id)) return {};
  const auto slot = parts_.outstanding.EntryOf(parts_.outstanding.looks().At(id));
  const Look look = parts_.outstanding.looks().Forget(id);
  tasks.at(look.partition).StopReconciling(look.markers);
  parts_.events.ExpectedRefused(look.process.str(), reason);
  if (slot) parts_.outstanding.Close(look.partition, *slot, ExpectedEnd::kRefused);
  return look.behind;
}

}  // namespace consumer
