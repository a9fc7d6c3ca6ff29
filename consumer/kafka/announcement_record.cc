#include "consumer/kafka/announcement_record.h"

#include <string>
#include <utility>
#include <variant>

#include "common/domain/key_partition.h"
#include "common/json/expected_process.h"
#include "consumer/state/expected_identities.h"

namespace consumer {
namespace {

common::Error Unusable(std::string what) {
  return {common::Remedy::kReject, "unusable", std::move(what)};
}

}  // namespace

common::Result<Announcement> ReadAnnouncement(std::string_view key,
                                              std::optional<std::string_view> value,
                                              AnnouncementPlace place,
                                              const common::ProviderTable& providers) {
  auto record = common::json::ReadExpectedRecord(key, value);
  if (!record) return record.error();
  // The dedup table of another partition knows its callbacks.
  if (common::PartitionOf(key, place.partitions) != place.partition) {
    return Unusable(
        "it is not in the partition of its key: its writer needs the partitioner murmur2_random, "
        "or partitions were added after it was written");
  }
  Announcement announcement{.partition = place.partition, .process = {}};
  auto* expected = std::get_if<common::ExpectedProcess>(&*record);
  if (expected == nullptr) {
    announcement.process = std::get<common::json::ForgottenProcess>(*record).process;
    return announcement;
  }
  const auto row = providers.Resolve(expected->provider);
  const auto& events = providers[row].events;
  if (events && events->fetch == common::EventFetch::kNone) {
    return Unusable("its provider's events are published as they come (fetch: none)");
  }
  const bool is_unknown = row == common::ProviderTable::kUnknown;
  const std::string_view name =
      is_unknown ? std::string_view(expected->provider) : common::NameOfFacts(providers[row]);
  announcement.expected = {
      .dossier = expected->dossier,
      .provider = is_unknown ? expected->provider : providers[row].name,
      .row = row,
      .within = expected->within,
      .identities = IdentitiesOfLastCallback(name, expected->dossier, expected->process)};
  announcement.process = std::move(expected->process);
  return announcement;
}

}  // namespace consumer
