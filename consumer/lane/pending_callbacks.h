#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/callback/callback_facts.h"
#include "common/domain/identity.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/lane/records.h"
#include "consumer/policy/account_shares.h"

namespace consumer {

/// A callback from its intake to its commit.
struct PendingCallback {
  SourceRecord record;
  common::CallbackFacts facts;
  std::chrono::steady_clock::time_point taken_at;
  common::WallTime marked_at{};                 ///< See common::RecordTimes.
  std::optional<common::Identity> no_row = {};  ///< See Arrival.
  std::optional<AccountIndex> account = {};     ///< The same.
};

/// The callbacks in hand, in order of intake.
///
/// Threads: confined to the lane.
class PendingCallbacks {
 public:
  JobId Add(PendingCallback callback) {
    Count(callback);
    callbacks_.emplace_hint(callbacks_.end(), ++last_id_, std::move(callback));
    return last_id_;
  }
  /// An id for something else that is in hand.
  JobId ReserveId() { return ++last_id_; }
  /// Precondition: it is in hand.
  [[nodiscard]] const PendingCallback& At(JobId id) const { return callbacks_.at(id); }
  [[nodiscard]] bool Has(JobId id) const { return callbacks_.contains(id); }
  void Remove(JobId id) {
    const auto found = callbacks_.find(id);
    if (found == callbacks_.end()) return;
    Discount(found->second);
    callbacks_.erase(found);
  }
  /// Removes the callbacks of these partitions and returns their ids.
  std::unordered_set<JobId> RemoveOf(const std::set<Partition>& partitions) {
    std::unordered_set<JobId> removed;
    for (auto at = callbacks_.begin(); at != callbacks_.end();) {
      if (!partitions.contains(at->second.record.partition)) {
        ++at;
        continue;
      }
      Discount(at->second);
      removed.insert(at->first);
      at = callbacks_.erase(at);
    }
    return removed;
  }
  /// Never reuses ids.
  void Clear() {
    callbacks_.clear();
    bytes_ = 0;
    of_accounts_.clear();
  }

  [[nodiscard]] std::size_t size() const { return callbacks_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// What the callbacks of an account take.
  [[nodiscard]] AccountShares::Room Of(AccountIndex account) const {
    return account < of_accounts_.size() ? of_accounts_[account] : AccountShares::Room();
  }
  /// True if `is_meant` holds for one of those that were taken by `time`.
  template <typename Predicate>
  [[nodiscard]] bool HasTakenBy(std::chrono::steady_clock::time_point time,
                                Predicate is_meant) const {
    for (const auto& [id, callback] : callbacks_) {
      if (callback.taken_at > time) return false;
      if (is_meant(callback)) return true;
    }
    return false;
  }
  [[nodiscard]] std::chrono::steady_clock::duration OldestAge(
      std::chrono::steady_clock::time_point now) const {
    if (callbacks_.empty()) return {};
    return now - callbacks_.begin()->second.taken_at;
  }

 private:
  void Count(const PendingCallback& callback) {
    const std::size_t bytes = callback.record.bytes();
    bytes_ += bytes;
    if (!callback.account) return;
    if (*callback.account >= of_accounts_.size()) of_accounts_.resize(*callback.account + 1);
    ++of_accounts_[*callback.account].callbacks;
    of_accounts_[*callback.account].bytes += bytes;
  }
  void Discount(const PendingCallback& callback) {
    const std::size_t bytes = callback.record.bytes();
    bytes_ -= bytes;
    if (!callback.account) return;
    --of_accounts_[*callback.account].callbacks;
    of_accounts_[*callback.account].bytes -= bytes;
  }

  std::map<JobId, PendingCallback> callbacks_;
  JobId last_id_ = 0;
  std::size_t bytes_ = 0;
  std::vector<AccountShares::Room> of_accounts_;
};

}  // namespace consumer
