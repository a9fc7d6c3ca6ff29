#pragma once

#include <chrono>
#include <optional>

#include "consumer/lane/fetcher.h"
#include "consumer/lane/intake.h"
#include "consumer/lane/moment.h"
#include "consumer/lane/outbox.h"
#include "consumer/lane/pending_callbacks.h"
#include "consumer/lane/restorer.h"
#include "consumer/policy/account_shares.h"

namespace consumer {

/// Decides when a partition is read again for the callbacks that were passed over, and which one.
///
/// Its callbacks in hand are dropped for that, and its fresh ones wait for the restore. So the
/// other accounts must lose nothing by it, however long the backlog is:
///
///   one partition at a time, a second apart
///   only once it is read to its end: otherwise a backlog at its front would hide what is behind
///   then only once the others' callbacks that it had are done, or have had time: asked for anew
///     at each reading, they would never be
///   not where Kafka has forgotten a transaction: the restore could not end
///
/// Threads:  confined to the lane.
/// Lifetime: the parts must outlive it.
class SecondReading {
 public:
  struct Parts {
    const Tasks& tasks;
    const PendingCallbacks& pending;
    const Intake& intake;
    const Fetcher& fetcher;
    Restorer& restorer;
  };
  /// `others_have`: the time that the callbacks of others have.
  SecondReading(AccountShares shares, std::chrono::milliseconds others_have, Parts parts)
      : shares_(shares), others_have_(others_have), parts_(parts) {}

  /// The partition to read again now: the one whose passed-over callbacks have waited for longest.
  [[nodiscard]] std::optional<Partition> TakeDue(const Moment& now);

 private:
  [[nodiscard]] bool HasRoom(AccountIndex account) const;
  [[nodiscard]] bool MayRead(Partition partition, const Task& task, AccountIndex account,
                             std::chrono::steady_clock::time_point now) const;

  AccountShares shares_;
  std::chrono::milliseconds others_have_;
  Parts parts_;
  std::chrono::steady_clock::time_point next_at_{};
};

}  // namespace consumer
