#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/identity.h"
#include "common/domain/ids.h"
#include "common/domain/provider_rules.h"
#include "consumer/lane/records.h"
#include "consumer/lane/restorer.h"

namespace consumer {

/// A record of `callbacks.expected` as read.
struct Announcement {
  struct Expected {
    common::DossierId dossier = {};  ///< Normalised.
    std::string provider = {};       ///< As announced.
    common::ProviderTable::Index row = common::ProviderTable::kUnknown;
    std::optional<std::chrono::milliseconds> within = {};
    /// See IdentitiesOfLastCallback(); of the announced provider.
    std::vector<common::Identity> identities = {};
  };

  Partition partition{};
  Epoch epoch = 0;
  common::WallTime at{};      ///< Record time. The clock of the announcer is never used.
  common::ProcessId process;  ///< Normalised.
  std::optional<Expected> expected = {};  ///< None: forget the process.
  /// Written before reading of the partition began: if it was handled by then, it was counted.
  bool is_old = false;
};

/// All that was on the partition at that time has been read, and was handed out before this.
struct AnnouncementsRead {
  Partition partition{};
  Epoch epoch = 0;
  std::chrono::steady_clock::time_point until{};
};
using AnnouncementNews = std::variant<Announcement, AnnouncementsRead>;

/// Reads the announcements of partitions, outside the group. Commits nothing and stores nothing.
///
/// Threads: called by the lane; works on a thread of its own.
class Announcements {
 public:
  virtual ~Announcements() = default;

  /// Readable when Take() has something.
  [[nodiscard]] virtual int fd() const = 0;

  /// Reads these partitions from now on, and no others. A partition under a new epoch is read from
  /// a day before `max_wait` ago.
  virtual void Follow(const std::map<Partition, Epoch>& partitions) = 0;

  /// At most `most` of what has been read, in order within a partition. Reading stops while much
  /// has not been taken.
  [[nodiscard]] virtual std::vector<AnnouncementNews> Take(std::size_t most) = 0;
};

}  // namespace consumer
