#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/provider_rules.h"
#include "consumer/lane/announcements.h"
#include "consumer/lane/looks.h"
#include "consumer/lane/task.h"
#include "consumer/policy/expected_policy.h"

namespace consumer {

/// The dedup state's answer about an announced process.
enum class Sighting {
  kNone,
  kInHand,      ///< A callback of it will be handled soon.
  kHandled,     ///< A callback of it was handled.
  kReconciled,  ///< Its result was made without a callback, and was counted then.
};

/// How waiting for a handled or reconciled process ends. None: it was counted before.
[[nodiscard]] std::optional<ExpectedEnd> EndAfter(Sighting sighting);

/// Looks for the callback of an announced process among those that were handled or are in hand.
///
///   at the announcement, before a look   by the identities of the announced provider
///   once the API has named the status    by that status or none, and by whatever route
///
/// Pure. Threads: confined to the lane. Lifetime: the providers must outlive it.
class CallbackSearch {
 public:
  explicit CallbackSearch(const common::ProviderTable& providers);

  /// Looks for one that was handled after the announcement.
  [[nodiscard]] static Sighting AtAnnouncement(const Announcement& announcement, const Task& task);
  /// The same before a look, for one in hand too.
  [[nodiscard]] Sighting BeforeLook(const Look& look, common::WallTime announced_at,
                                    const Task& task) const;

  struct Found {
    Sighting sighting = Sighting::kNone;
    /// The provider by whose route it came, if that is not the announced one; `unknown`: no row's.
    std::optional<std::string> elsewhere = {};
  };
  [[nodiscard]] Found AfterLook(const Look& look, std::string_view status, const Task& task,
                                common::WallTime now) const;

  /// The announced provider's name in identities.
  [[nodiscard]] std::string_view NameOf(const Look& look) const;

 private:
  const common::ProviderTable& providers_;
  std::chrono::seconds reach_;
  std::vector<std::string> names_;  ///< Of all rows, in identities.
};

}  // namespace consumer
