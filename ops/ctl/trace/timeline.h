#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/identity.h"
#include "ops/ctl/trace/trace_event.h"
#include "ops/ctl/trace/trace_records.h"

namespace ctl {

/// The group's committed offsets, by partition of `callbacks`. Absent: it has committed none.
using CommittedOf = std::map<std::int32_t, std::int64_t>;

/// The life of one process.
struct Timeline {
  std::optional<std::string> dossier{};  ///< None: no readable callback was found.
  std::optional<std::string> process{};
  TraceVerdict verdict = TraceVerdict::kUnknown;
  std::vector<TraceEvent> events{};  ///< By time.
  /// The first callback that waits.
  std::optional<TraceEvent> waiting{};
  /// From the callback that decides the verdict to its outcome. None: unknown.
  std::optional<std::chrono::milliseconds> took{};
};

/// The facts of one key that were read so far.
///
/// A callback is disposed of if it has an outcome or the group's committed offset has passed it.
/// An outcome belongs to the callback at the place that it names, if both are of the same delivery;
/// else, because a copied log has other places, to the first callback of that delivery without one.
/// A redriven callback has the request id of the first delivery, so a letter must also have the same
/// `redrive`, and no outcome is older than its callback.
///
/// A callback without its own outcome is a duplicate if consumer drops it: because of an earlier
/// callback of one of its identities within the window or still in hand, or because of a marker. An earlier
/// one that was passed over, without outcome or marker, makes no duplicate.
///
/// Time: linear in the number of records.
class TraceFacts {
 public:
  /// In the order of offsets. Of the sender's texts only excerpts are kept: a provider may redeliver
  /// a million times. Results are found by the processId, which stays whole.
  void Add(TracedCallback callback);
  void Add(TracedOutcome outcome) { outcomes_.push_back(std::move(outcome)); }
  void Add(TracedMarker marker) { markers_.push_back(std::move(marker)); }

  [[nodiscard]] const std::vector<TracedCallback>& callbacks() const { return callbacks_; }
  [[nodiscard]] bool IsEmpty() const { return callbacks_.empty() && outcomes_.empty(); }
  /// All identities of callbacks without an outcome that are no redelivery of a callback here. Their
  /// markers tell more.
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
};

}  // namespace ctl
