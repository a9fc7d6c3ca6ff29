#pragma once

#include <chrono>
#include <optional>

#include "common/base/rfc3339.h"
#include "common/callback/callback_facts.h"
#include "common/callback/record_times.h"
#include "common/domain/identity.h"
#include "common/domain/provider_rules.h"
#include "consumer/fetch/account.h"
#include "consumer/lane/records.h"

namespace consumer {

/// A record of `callbacks` as dedup needs it.
struct Arrival {
  Offset offset{};
  common::Identity identity;
  std::optional<common::Identity> event = {};  ///< See common::CallbackFacts::event_identity.
  /// See common::IdentityOfReconciled(). None: announced processes are not watched, or it is none.
  std::optional<common::Identity> reconciled = {};
  /// Of a callback whose route is no row, see common::kNoRow. It makes no callback a duplicate.
  std::optional<common::Identity> no_row = {};
  std::chrono::steady_clock::time_point read_at{};  ///< Set by who takes it in first.
  common::WallTime record_time{};                   ///< Its own.
  common::WallTime judged_at{};  ///< Based on its effective time, see common::RecordTimes.
  common::WallTime marked_at{};  ///< The same.
  common::Windows windows{};
  /// Who must fetch it. None: nothing is fetched for it.
  std::optional<AccountIndex> account = {};
  bool has_room = true;  ///< In the account's share of the lane.
};

/// Where a record is in its partition, and when.
struct RecordPlace {
  Offset offset{};
  common::WallTime time{};            ///< Its own.
  common::WallTime effective_time{};  ///< See Task::EffectiveTime().
};

/// Says under which identities and at which times a record is judged. Pure.
///
/// Lifetime: the providers must outlive it.
class ArrivalRules {
 public:
  /// `watches_expected`: callbacks are compared with results that were made without one.
  ArrivalRules(const common::ProviderTable& providers, bool watches_expected)
      : providers_(providers),
        reach_(providers.DedupReach()),
        watches_expected_(watches_expected) {}

  [[nodiscard]] Arrival Of(const common::CallbackFacts& facts, const RecordPlace& place) const;

 private:
  [[nodiscard]] bool IsCompared(const common::CallbackFacts& facts) const;

  const common::ProviderTable& providers_;
  std::chrono::seconds reach_;
  bool watches_expected_;
};

}  // namespace consumer
