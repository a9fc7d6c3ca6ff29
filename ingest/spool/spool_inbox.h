#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/deadline.h"
#include "common/domain/provider_rules.h"
#include "ingest/acceptance/callback_sink.h"
#include "ingest/policy/shedding.h"
#include "ingest/spool/spool.h"
#include "ingest/spool/spool_bounds.h"
#include "ingest/spool/spool_ledger.h"
#include "ingest/spool/spooled_callback.h"

namespace ingest {

/// The queue from other threads to the spool's thread, and the spool's state for other threads.
///
///   Offer --> queued --Take--> being stored --Stored--> gone
///               ^                  |
///               +-----PutBack------+        a commit that failed is retried
///
/// A callback stays queued until it is stored: that may save it even after its sender was refused.
/// Once the queue is full, those whose senders wait no longer make room for new ones.
///
/// Threads:  any; Take() only the spool's.
/// Lifetime: refers to the table.
class SpoolInbox {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Now = std::function<TimePoint()>;

  struct Ticket {
    std::uint64_t number = 0;  ///< Counts from 1, in the order of Offer().
    TimePoint since{};
  };
  /// Oldest first.
  struct Callbacks {
    std::vector<SpooledCallback> callbacks;
    std::vector<CallbackNumber> numbers;  ///< One per callback.
    std::vector<Ticket> tickets;          ///< The same.
  };
  struct Taken {
    /// At most one commit's callbacks; none while the disk fails, unless the inbox is closed. Other
    /// threads read their envelopes until Stored() or PutBack().
    std::shared_ptr<Callbacks> queued;
    std::vector<StorageReport> reports;
    bool is_last = false;  ///< Closed and empty.
  };

  /// No sender waits longer for its answer.
  static constexpr std::chrono::seconds kSendersWait{10};

  SpoolInbox(const SpoolBounds& bounds, const LoadBounds& queue,
             const common::ProviderTable& providers, Now now = std::chrono::steady_clock::now);

  enum class Need {
    kOrdinary,
    kLastResort,  ///< Also waits for a disk that hangs or fails.
  };
  /// False if the spool or its queue has no room. Moves from the envelope only if it returns true.
  [[nodiscard]] bool Offer(CallbackNumber number, common::Envelope&& envelope,
                           Need need = Need::kOrdinary);
  void AddReports(std::span<const StorageReport> reports);

  [[nodiscard]] bool HasRoom() const;
  /// True if the spool's thread has waited for one request longer than a request may take: the disk
  /// hangs.
  [[nodiscard]] bool IsStalled() const;
  /// Call after each request of the spool's thread to the disk.
  void DiskHasAnswered();
  [[nodiscard]] bool Holds(std::string_view provider) const;

  // See Spool.
  [[nodiscard]] std::optional<Spool::Stalled> FindStalled() const;
  void HandedOver(std::uint64_t ticket);
  /// How many of the callbacks taken last were handed over, counted from the first.
  [[nodiscard]] std::size_t handed_over() const;

  /// Waits until there is work, at most until the deadline.
  [[nodiscard]] Taken Take(common::Deadline deadline);
  /// The callbacks taken last are on disk, or reported.
  void Stored();
  /// The callbacks taken last are not on disk. They are first in the queue again; the next Take()
  /// gives fewer of them, in case one is the cause. False if they are given up: the inbox is
  /// closed, or a callback whose sender waits no longer has failed alone while others wait behind
  /// it.
  [[nodiscard]] bool PutBack();

  void SetWritable(bool is_writable);
  /// Restarts counting; about `bytes` bytes are on disk.
  void Recount(std::size_t bytes);
  template <typename Use>
  decltype(auto) WithLedger(Use&& use) {
    const std::lock_guard lock(mutex_);
    return std::forward<Use>(use)(ledger_);
  }

  /// Refuses later callbacks.
  void Close();

 private:
  struct Queued {
    SpooledCallback callback{};
    CallbackNumber number = 0;
    Ticket ticket{};
  };

  const SpoolBounds bounds_;
  const LoadBounds queue_bounds_;
  const common::ProviderTable& providers_;
  const Now now_;

  // With the lock held.
  [[nodiscard]] bool IsLongAgo(const std::optional<TimePoint>& since) const;
  [[nodiscard]] bool MayTake() const;   ///< Writable and not stalled.
  [[nodiscard]] bool MayStore() const;  ///< There are callbacks that Take() would give.
  [[nodiscard]] bool HasPlace(std::size_t body) const;
  void MakePlace(std::size_t body);

  mutable std::mutex mutex_;  ///< Guards the members below.
  std::condition_variable woken_;
  std::deque<Queued> queued_;
  std::shared_ptr<Callbacks> storing_ = std::make_shared<Callbacks>();
  std::uint64_t last_ticket_ = 0;
  std::uint64_t handed_over_to_ = 0;  ///< A ticket.
  std::size_t most_per_commit_;
  std::size_t queued_bytes_ = 0;  ///< Of bodies, as the bounds of requests in flight count.
  std::vector<StorageReport> reports_;
  SpoolLedger ledger_;
  // Empty while the spool's thread waits in Take().
  std::optional<TimePoint> away_since_;  ///< When it left Take().
  std::optional<TimePoint> asked_at_;    ///< Since when it waits for the disk, at the most.
  bool is_writable_ = false;
  bool is_closed_ = false;
};

}  // namespace ingest
