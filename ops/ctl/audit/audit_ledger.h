#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/identity.h"
#include "common/domain/offset.h"
#include "ops/ctl/records/callback_identity.h"

namespace ctl {

using common::Offset;

/// How a callback breaks the promise "each identity has one result or one dead letter".
enum class AuditFault {
  kNoMarker,       ///< Skipped: its identity has no marker, and it has no outcome.
  kNoResult,       ///< Its identity has a marker, but there is neither result nor dead letter.
  kUnmarked,       ///< It has an outcome but no marker: a redelivery would get a second outcome.
  kSurplus,        ///< It has an outcome although its identity had one within the window.
  kReconciledToo,  ///< It has an outcome, and its process has a result without a callback after it.
};

struct AuditFinding {
  AuditFault fault = AuditFault::kNoMarker;
  Offset offset{};
  std::optional<Offset> first{};  ///< kSurplus: the callback with the other outcome, if known.
  bool stands_again = false;      ///< kNoMarker: the identity has another callback without one.
  friend auto operator<=>(const AuditFinding&, const AuditFinding&) = default;
};

/// The verdict on the callbacks of one partition.
struct AuditJudgement {
  std::vector<AuditFinding> findings;  ///< By offset.
  std::size_t callbacks = 0;           ///< All judged ones: the sum of the next six.
  std::size_t disposed_of = 0;         ///< With their own outcome.
  std::size_t duplicates = 0;          ///< Redeliveries of a callback with an outcome.
  std::size_t ignored = 0;             ///< Events that need no outcome.
  std::size_t handed_over = 0;         ///< Replaced by a redriven record, which is judged, too.
  std::size_t expired = 0;             ///< Retention may have deleted the marker or the outcome.
  std::size_t missing = 0;             ///< kNoMarker and kNoResult.
};

/// The times since which retention has deleted nothing.
struct AuditHorizon {
  common::WallTime callbacks = common::WallTime::min();
  common::WallTime markers = common::WallTime::min();
  common::WallTime results = common::WallTime::min();
  common::WallTime letters = common::WallTime::min();
};

/// Bound on the clock difference of brokers and instances plus the time from producing an outcome
/// to its commit. A callback that arrives within it after an outcome may still have met the first
/// one in hand.
inline constexpr std::chrono::minutes kCommitSlack{1};

/// The kind of outcome that a marker names. kElsewhere: the marker is a copy from the partition
/// where its callback and the outcome are.
enum class MarkedAs : std::uint8_t { kUnknown, kPublished, kDead, kIgnored, kElsewhere };

/// The callbacks of ONE partition in a range of record times, the markers of their identities and
/// their outcomes: results and dead letters.
///
/// An outcome names the place of its callback. It belongs to the callback at that place only if
/// fact and delivery match, too: the place may be in an earlier life of the log. Otherwise it is a
/// stray outcome: its callback is not in the ledger, or the log was copied and the delivery is at
/// another place. A stray outcome still belongs to the latest marker of its identity before it. An
/// outcome older than its callback belongs to it only if a marker does.
///
/// An ignored event needs a marker and no outcome. Each other callback needs a marker by which the
/// consumer would drop it as a duplicate now: its own, or one with record time - marker time <
/// window, where the marker's time is rounded up to the hour as in the consumer's table. So a
/// redelivery after the window needs its own marker, unless the first delivery was still in hand.
/// Each marker needs exactly one outcome within the window. The consumer judges and marks a spooled
/// callback at earlier times than that of its record (common::RecordTimes).
///
/// An event without marker and outcome of its fact is a duplicate if the event's own identity has a
/// marker within the window: its sender has repeated it with another status.
///
/// A reconciled result has no callback, and stands for none. It is the outcome of its own markers,
/// which make a callback that comes later a duplicate, whatever its provider.
///
/// Order:  first all callbacks, by offset; then reconciled results; then markers and outcomes, in any
///         order.
/// Memory: 76 bytes for each callback, 32 for each identity, 24 and a node of a set for each
///         event with an identity of its own, and 40 for each stray outcome. Records of other
///         identities are not kept.
class AuditLedger {
 public:
  struct Range {
    common::WallTime from{};
    common::WallTime to{};  ///< Exclusive.
  };
  /// `size`: the expected number of callbacks.
  explicit AuditLedger(Range range, std::size_t size = 0) : range_(range) {
    sightings_.reserve(size);
  }

  struct Callback {
    Offset offset{};
    common::WallTime time{};
    CallbackIdentity is;
    std::chrono::seconds window{};
    /// How long before `time` the consumer judges it and, if it is a first delivery, marks it.
    std::chrono::milliseconds judged_before{};
    std::chrono::milliseconds marked_before{};
    /// The callback of the same partition that it replaces, as its header `redrive` says.
    std::optional<Offset> stands_for{};
    std::optional<common::Identity> event{};  ///< See common::CallbackFacts::event_identity.
    std::chrono::seconds event_window{};      ///< The same as `window`, for `event`.
  };
  /// Ignores a callback outside the range, unless it replaces one in the ledger.
  void Add(const Callback& callback);
  /// True if a record with identity `is` that names this callback in `redrive` does replace it.
  [[nodiscard]] bool IsPutBack(Offset callback, const CallbackIdentity& is) const;
  void AddMarker(const common::Identity& identity, common::WallTime time,
                 MarkedAs outcome = MarkedAs::kUnknown);

  struct OutcomeRecord {
    Offset callback{};  ///< The place of its callback, as it says.
    /// The fact of a result, the identity of a dead letter. None: a dead letter without body.
    std::optional<common::Identity> of{};
    bool is_result = true;
    DeliveryId delivery = 0;
    common::WallTime at{};  ///< Its Kafka timestamp.
  };
  void AddOutcome(const OutcomeRecord& outcome);

  /// A reconciled result as the outcome of one of its markers. Ignored unless a callback has the
  /// identity `of`.
  struct ReconciledOutcome {
    /// That of the marker, or that of a callback that the marker makes a duplicate.
    common::Identity of;
    common::Identity marked;
    common::WallTime at{};  ///< The result's Kafka timestamp.
  };
  void AddReconciled(const ReconciledOutcome& outcome);

  [[nodiscard]] AuditJudgement Judge(const AuditHorizon& horizon);

  /// Precondition: Holds(callback).
  [[nodiscard]] const common::Identity& IdentityOf(Offset callback) const {
    return sightings_[PlaceOf(callback)].identity;
  }
  [[nodiscard]] std::size_t size() const { return sightings_.size(); }
  [[nodiscard]] bool Holds(Offset callback) const { return PlaceOf(callback) < sightings_.size(); }

 private:
  struct Sighting {
    common::Identity identity;
    common::WallTime time{};
    common::WallTime judged_at{};
    common::WallTime marked_at{};
    Offset offset{};
    std::uint64_t fact = 0;  ///< Its first bytes.
    DeliveryId delivery = 0;
    std::uint32_t outcome_second = 0;  ///< Since the epoch: the time of the last outcome.
    std::uint32_t window_seconds : 30 = 0;
    std::uint32_t outcomes : 2 = 0;  ///< Stops at 2.
  };
  struct Marker {
    common::Identity identity;
    common::WallTime time{};
    MarkedAs outcome = MarkedAs::kUnknown;
    friend auto operator<=>(const Marker&, const Marker&) = default;
  };
  /// An outcome whose identity is in the ledger, but not its callback.
  struct Stray {
    common::Identity identity;
    common::WallTime at{};
    DeliveryId delivery = 0;
    bool is_reconciled = false;
    friend auto operator<=>(const Stray&, const Stray&) = default;
  };
  /// An event's own identity.
  struct Event {
    common::Identity identity;
    std::uint32_t sighting = 0;  ///< Index in sightings_.
    std::uint32_t window_seconds = 0;
  };
  class Group;

  /// True if a marker of its own identity makes the event a duplicate.
  [[nodiscard]] bool IsRepeatedEvent(const Sighting& sighting) const;
  [[nodiscard]] static bool IsOf(const OutcomeRecord& outcome, const Sighting& sighting);
  [[nodiscard]] bool HoldsIdentity(const common::Identity& identity);
  [[nodiscard]] static std::uint32_t SecondOf(common::WallTime time);
  /// The index in sightings_, or sightings_.size() if the callback is not there.
  [[nodiscard]] std::size_t PlaceOf(Offset offset) const;
  void Sort();

  Range range_;
  std::vector<Sighting> sightings_;         ///< By offset.
  std::vector<std::uint32_t> by_identity_;  ///< Indices in sightings_, by identity and offset.
  std::vector<Marker> markers_;
  std::vector<Stray> strays_;
  std::set<Offset> handed_over_;
  std::vector<Event> events_;          ///< By sighting.
  std::set<common::Identity> wanted_;  ///< The identities in events_.
  std::vector<Marker> event_markers_;  ///< Sorted by Judge().
  /// From the identity of a marker to others for which it stands: few callbacks come late and by
  /// another route.
  std::map<common::Identity, std::set<common::Identity>> stands_for_;
};

}  // namespace ctl
