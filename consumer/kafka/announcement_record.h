#pragma once

#include <optional>
#include <string_view>

#include "common/base/result.h"
#include "common/domain/provider_rules.h"
#include "consumer/lane/announcements.h"

namespace consumer {

/// Where a record of announcements stands.
struct AnnouncementPlace {
  Partition partition{};
  int partitions = 1;  ///< Of its topic.
};

/// Reads key and value of a record of `callbacks.expected`; no value: the process is forgotten.
/// Position, time and epoch are left to the caller.
/// Errors: kReject, with a clause that says why consumer cannot watch for it.
[[nodiscard]] common::Result<Announcement> ReadAnnouncement(std::string_view key,
                                                            std::optional<std::string_view> value,
                                                            AnnouncementPlace place,
                                                            const common::ProviderTable& providers);

}  // namespace consumer
