#pragma once

#include <functional>
#include <set>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/provider_rules.h"
#include "consumer/fetch/account.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/lane/arrival.h"
#include "consumer/lane/callback_traces.h"
#include "consumer/lane/completion_maker.h"
#include "consumer/lane/expected_flow.h"
#include "consumer/lane/fetcher.h"
#include "consumer/lane/intake.h"
#include "consumer/lane/lane_events.h"
#include "consumer/lane/moment.h"
#include "consumer/lane/outbox.h"
#include "consumer/lane/pending_callbacks.h"
#include "consumer/lane/source.h"
#include "consumer/policy/account_shares.h"

namespace consumer {

/// The callbacks in hand, from their arrival to their commit.
///
///   Take() ─► Task (duplicate?) ─► Fetcher ──TakeResults()──► Outbox ──Committed()──► gone
///               │                     ▲                          │
///               ├─► behind a result ──┴──────── dropped ◄────────┘
///               └─► passed over ─► the partition is read again, see SecondReading
///
/// Threads:  confined to the lane.
/// Lifetime: the providers and the parts must outlive it.
class CallbackFlow {
 public:
  struct Parts {
    Tasks& tasks;
    Outbox& outbox;
    Intake& intake;
    Fetcher& fetcher;
    LaneEvents& events;
    const AccountsOfRows& accounts;
    ExpectedFlow* expected = nullptr;  ///< Null: announced processes are not watched.
    CallbackTraces* traces = nullptr;  ///< Null: callbacks are not traced.
  };
  CallbackFlow(const common::ProviderTable& providers, AccountShares shares,
               CompletionMaker completions, Parts parts,
               std::function<common::WallTime()> wall_now);

  void Take(const ArrivedRecord& record, const Moment& now);
  /// Takes the ended fetches and looks.
  void TakeResults(const Moment& now);
  /// Starts those again whose results were dropped for lack of room.
  void FetchDropped(const Moment& now);
  /// Takes those again that have waited behind a result that was given up.
  void TakeGivenUp(const Moment& now);
  void Committed(const Outbox::Disposed& disposed, const Moment& now);

  /// For the outbox.
  [[nodiscard]] OutgoingRecord LetterOfRefused(const Completion& completion) const;
  /// An id for something else that is in hand.
  [[nodiscard]] JobId NewId() { return pending_.ReserveId(); }

  /// Forgets those of the partitions and cancels their fetches.
  void Drop(const std::set<Partition>& partitions);
  /// Forgets all. The fetches are cancelled by the caller.
  void Clear();

  /// Tells the intake how much is in hand.
  void Measure();
  [[nodiscard]] const PendingCallbacks& pending() const { return pending_; }

 private:
  [[nodiscard]] JobId Keep(PendingCallback callback);
  void Complete(Completion completion);
  void TakeAgain(const std::vector<JobId>& ids, const Moment& now);
  /// Begins to handle a callback in hand as its facts say.
  void Start(JobId id, const Moment& now);
  [[nodiscard]] Arrival ArrivalOf(const common::CallbackFacts& facts, Offset offset,
                                  common::WallTime time, const Task& task) const;
  void CompareClocks(const common::CallbackFacts& facts, const Moment& now) const;
  void Remember(const Completion& completion);
  void Report(const Completion& completion, const common::CallbackFacts& facts,
              common::WallTime now) const;

  const common::ProviderTable& providers_;
  AccountShares shares_;
  ArrivalRules arrivals_;
  CompletionMaker completions_;
  Parts parts_;
  std::function<common::WallTime()> wall_now_;
  PendingCallbacks pending_;
};

}  // namespace consumer
