#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/identity.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "ops/ctl/trace/trace_event.h"
#include "ops/ctl/trace/trace_records.h"

namespace ctl {

/// A process whose callback is expected and has not come.
struct Expectation {
  common::WallTime announced_at{};
  std::optional<std::chrono::milliseconds> within{};  ///< As announced.
  common::RecordPosition place{};                     ///< Of the announcement.
};

/// The group's committed offsets, by partition of `callbacks`. Absent: it has committed none.
using CommittedOf = std::map<common::Partition, common::Offset>;

/// The life of one process.
struct Timeline {
  std::optional<std::string> dossier{};  ///< None: no readable callback was found.
  std::optional<std::string> process{};
  TraceVerdict verdict = TraceVerdict::kUnknown;
  std::vector<TraceEvent> events{};  ///< By time.
  /// None: none was announced, or one has come, or a result has.
  std::optional<Expectation> expected{};
  /// The first callback that waits.
  std::optional<TraceEvent> waiting{};
  /// From the callback that decides the verdict to its outcome. None: unknown.
  std::optional<std::chrono::milliseconds> took{};
};

/// The facts of one key that were read so far.
///
/// A callback is disposed of if it has an outcome or the group's committed offset has passed it. An
/// outcome belongs to the callback at the place that it names, if both are of the same delivery;
/// else, because a copied log has other places, to the first callback of that delivery without one.
/// A redriven callback has the request id of the first delivery, so a letter must also have the
/// same `redrive`, and no outcome is older than its callback.
///
/// A callback without its own outcome is a duplicate if consumer drops it: because of an earlier
/// callback of one of its identities within the window or still in hand, or because of a marker. An
/// earlier one that was passed over, without outcome or marker, makes no duplicate.
///
/// A reconciled result stands for itself. Its markers make its callback a duplicate.
///
/// An announced process is expected until a callback with a final status or a result comes, or the
/// announcement is taken back. Those of the hour before the announcement count, as in consumer.
///
/// Time: linear in the number of records.
class TraceFacts {
 public:
  /// In the order of offsets. Of the sender's texts only excerpts are kept: a provider may
  /// redeliver a million times. Results are found by the processId, which stays whole.
  void Add(TracedCallback callback);
  void Add(TracedOutcome outcome) { outcomes_.push_back(std::move(outcome)); }
  /// In the order of offsets.
  void Add(TracedAnnouncement announcement);
  void Add(TracedMarker marker) { markers_.push_back(std::move(marker)); }

  [[nodiscard]] const std::vector<TracedCallback>& callbacks() const { return callbacks_; }
  [[nodiscard]] bool IsEmpty() const {
    return callbacks_.empty() && outcomes_.empty() && announcements_.empty();
  }
  /// All identities of callbacks without an outcome, except redeliveries of a callback here.
  /// Their markers tell more.
  [[nodiscard]] std::set<common::Identity> WithoutOutcome(const CommittedOf& committed) const;

  [[nodiscard]] Timeline Judge(const CommittedOf& committed) const;

 private:
  struct Judged {
    const TracedCallback* callback = nullptr;
    std::vector<const TracedOutcome*> outcomes{};
    const TracedMarker* marker = nullptr;  ///< By which it is disposed of, without an outcome.
    bool is_duplicate = false;
  };
  struct Matched {
    std::vector<Judged> callbacks;
    std::vector<const TracedOutcome*> strays;  ///< Outcomes of callbacks that were not read.
  };
  static void TellOfCallbacks(const Matched& matched, const CommittedOf& committed,
                              Timeline& timeline);
  [[nodiscard]] std::optional<Expectation> FindExpectation() const;
  using Places = std::vector<std::size_t>;  ///< In Matched::callbacks.
  [[nodiscard]] Matched Match(const CommittedOf& committed) const;
  void MatchOutcomes(Matched& matched) const;
  static void FindMarker(const std::vector<const TracedMarker*>& markers,
                         std::chrono::seconds window, Judged& judged);
  static bool HasEnded(const Judged& judged);
  static bool IsDroppedBecauseOf(const Judged& earlier, const TracedCallback& callback,
                                 std::chrono::seconds window, const CommittedOf& committed);

  std::vector<TracedCallback> callbacks_;
  std::vector<TracedOutcome> outcomes_;
  std::vector<TracedMarker> markers_;
  std::vector<TracedAnnouncement> announcements_;
};

}  // namespace ctl
