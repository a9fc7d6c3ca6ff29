#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/expected_settings.h"
#include "common/domain/provider_rules.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/lane/announcements.h"
#include "consumer/lane/completion.h"
#include "consumer/lane/fetcher.h"
#include "consumer/lane/lane_events.h"
#include "consumer/lane/outbox.h"
#include "consumer/lane/restorer.h"
#include "consumer/policy/expected_policy.h"
#include "consumer/policy/rate_limit.h"
#include "consumer/state/expected_table.h"

namespace consumer {

struct ExpectedFlowSettings {
  common::ExpectedSettings expected;  ///< `rate`: of this lane.
  std::chrono::milliseconds not_found_for{std::chrono::minutes(10)};
  std::size_t most = 1'000'000;  ///< Outstanding processes of this lane.
  std::size_t most_looks = 8;    ///< Requests under way.
  std::size_t most_results = 8;  ///< Of a partition, that wait for their commit.
};

/// Watches the announced processes of a lane's partitions, asks the API for those whose callback has
/// not come, and makes the results of the finished ones.
///
///   Announcements ─► ExpectedTable ──due──► Fetcher ──finished──► Completion, with the unmoved
///                         │                    │                  offset of its partition (A1)
///                         └── callback came ◄──┘
///
/// A look needs: its partition of `callbacks` was read to an end that was looked up after the look
/// was due, since our own backlog is no lost callback; the breaker is closed, or nothing else can
/// probe; a free place in the budget. What a callback has done already, is in the dedup table.
///
/// A callback wins as long as the result is not made: it ends the look. One that comes later waits
/// behind the result (Task::DedupResult::kBehind) until that is committed, or given up.
///
/// Threads:  confined to the lane.
/// Lifetime: the ports and the providers must outlive it.
/// Time:     both clocks' times are arguments.
class ExpectedFlow {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Now {
    TimePoint steady;
    common::WallTime wall;
  };
  struct Ports {
    Announcements& announcements;
    Fetcher& fetcher;
    LaneEvents& events;
    std::function<double()> unit_random;
    std::function<JobId()> new_id;  ///< Unique among the lane's jobs.
  };

  ExpectedFlow(const ExpectedFlowSettings& settings, const common::ProviderTable& providers,
               Ports ports);

  /// The partition was restored: its announcements are read anew.
  void Restored(Partition partition, const Now& now);
  /// Forgets these partitions. Returns the looks that are to be cancelled.
  std::unordered_set<JobId> Drop(const std::set<Partition>& partitions);
  /// Forgets all. Looks are cancelled by the caller.
  void Clear();
  /// Ends of `callbacks`.
  void Learn(const std::vector<LogBounds>& bounds, const Now& now);

  /// Takes in announcements and starts the looks that are due. `may_look`: the lane takes in callbacks
  /// and results.
  void Turn(const Now& now, bool may_look, Tasks& tasks);
  /// True if announcements wait to be taken in.
  [[nodiscard]] bool has_more() const { return has_more_; }

  /// A callback was read, and is no duplicate. A look at its process is cancelled.
  void Came(const common::CallbackFacts& facts, const Now& now);
  /// A callback was handled.
  void Handled(Partition partition, const common::CallbackFacts& facts);

  [[nodiscard]] bool Owns(JobId id) const { return looks_.contains(id); }
  /// A look has ended. A result to publish: callbacks of the process wait behind it from now on.
  [[nodiscard]] std::optional<Completion> Ended(FetchResult result, const Now& now, Tasks& tasks);

  /// A callback waits behind the result that has this identity among its markers.
  void WaitBehind(const common::Identity& reconciled, JobId callback);
  /// The task knows the identities of the committed result already. Returns the callbacks that have
  /// waited behind it, in order: they may be duplicates now.
  [[nodiscard]] std::vector<JobId> Committed(JobId id, Tasks& tasks);
  /// The result was given up and will be tried again. The same as above.
  [[nodiscard]] std::vector<JobId> GivenUp(JobId id, const Now& now, Tasks& tasks);
  /// `processes` will never take the result. There is no callback that could become a dead letter, and
  /// the same result would be refused again. The same as above.
  [[nodiscard]] std::vector<JobId> Refused(JobId id, RefusalReason reason, Tasks& tasks);

  struct Counts {
    std::size_t waiting = 0;
    std::size_t due = 0;  ///< Or being looked at.
    /// The announcements of each partition were read to an end once: the counts lack nothing old.
    bool is_whole = true;
    /// How long ago all announcements were read that were there then, of the partition furthest
    /// behind. None: no partition is watched.
    std::optional<std::chrono::milliseconds> read_age = {};
    std::chrono::milliseconds due_age{0};  ///< Of the look that has been due for longest; 0: none.
  };
  [[nodiscard]] Counts Count(const Now& now) const;

 private:
  /// A callback in hand is handled soon, or its partition is restored.
  static constexpr std::chrono::minutes kWhileInHand{1};
  /// A callback that came before the announcement says nothing about the time after it. The table
  /// knows times to the hour.
  static constexpr std::chrono::seconds kNotBefore{1};

  /// A request for a process, or its result on its way to Kafka.
  struct Look {
    Partition partition = 0;
    common::ProcessId process;
    common::DossierId dossier;
    std::string provider;
    common::ProviderTable::Index row = common::ProviderTable::kUnknown;
    std::vector<common::Identity> markers = {};  ///< Of its result; empty: not made yet.
    bool is_lost = false;                        ///< Its callback should have come by now.
    [[nodiscard]] bool is_made() const { return !markers.empty(); }
    std::vector<JobId> behind = {};
  };
  struct Watched {
    Epoch epoch = 0;
    TimePoint announced_until{};  ///< What was announced before it has been taken in …
    bool is_whole = false;        ///< … at least once; else it is the time of the restore.
    ExpectedTable table = {};
    std::optional<Offset> end = {};  ///< Of `callbacks`, as looked up …
    common::WallTime end_seen_at{};  ///< … at this time.
    common::WallTime read_until{};   ///< Callbacks that came before it have been read.
    std::size_t results = 0;         ///< That wait for their commit.
    /// The record time of an announcement, until `callbacks` was read to an end that was looked up
    /// after the announcement was read: then no callback from before it can come.
    struct Passing {
      common::WallTime time;
      TimePoint read_at;
      bool is_before_end = false;
    };
    std::optional<Passing> passing = {};
  };

  void TakeIn(const Now& now, const Tasks& tasks);
  void TakeIn(const AnnouncementNews& news, const Now& now, const Tasks& tasks);
  void TakeIn(const Announcement& announcement, Watched& watched, const Task& task, const Now& now);
  void Report(const Announcement& announcement, ExpectedEnd end);
  void StartLooks(const Now& now, const Tasks& tasks);
  /// Precondition: a process of the partition is due.
  void StartOldest(Partition partition, Watched& watched, const Task& task, const Now& now);
  [[nodiscard]] std::size_t LooksUnderWay() const;
  /// True if there was one whose result is not made yet.
  bool CancelLook(const common::ProcessId& process);
  void Judge(const Look& look, ExpectedTable::Slot slot, LookAnswer answer, const Now& now);
  /// None: was counted before.
  void End(Partition partition, ExpectedTable& table, ExpectedTable::Slot slot,
           std::optional<ExpectedEnd> end);
  /// How a process ends whose callback was handled after that time. None: its result was made without
  /// the callback, and was counted then. Of one that got another status since by a callback, too.
  [[nodiscard]] static std::optional<ExpectedEnd> EndOfHandled(const Task& task,
                                                               const common::DossierId& dossier,
                                                               const common::ProcessId& process,
                                                               common::WallTime after);

  enum class Sighting { kNone, kInHand, kHandled, kReconciled };
  /// Looks for a callback with that status, or without one, by whatever route.
  [[nodiscard]] Sighting FindCallback(const Look& look, std::string_view status, const Task& task,
                                      common::WallTime now);
  [[nodiscard]] Completion MakeResult(JobId id, Look& look, const ExpectedEntry& entry,
                                      FetchResult& result, const Now& now, Tasks& tasks);

  Look Forget(JobId id);
  /// None: the process was forgotten, or announced again meanwhile.
  [[nodiscard]] std::optional<ExpectedTable::Slot> EntryOf(const Look& look);
  void Follow();
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::string_view ProviderOf(const ExpectedEntry& entry) const;
  /// In identities.
  [[nodiscard]] std::string_view NameOfFacts(const Look& look) const;

  ExpectedFlowSettings settings_;
  const common::ProviderTable& providers_;
  Ports ports_;
  ExpectedPolicy policy_;
  RateLimit rate_;
  std::chrono::seconds reach_;
  std::vector<std::string> names_;  ///< Of all rows, in identities.
  std::map<Partition, Watched> watched_;
  std::map<JobId, Look> looks_;
  std::unordered_map<common::ProcessId, JobId> look_at_;  ///< By process.
  Epoch epoch_ = 0;
  bool has_more_ = false;
  bool is_full_ = false;
};

}  // namespace consumer
