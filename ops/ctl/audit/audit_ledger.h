#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/identity.h"
#include "ops/ctl/records/callback_identity.h"

namespace ctl {

using Offset = std::int64_t;

/// How a callback breaks the promise "each identity one result or one dead letter".
enum class AuditFault {
  kNoMarker,  ///< Passed over: neither its identity's marker nor an outcome of its own.
  kNoResult,  ///< Its identity is marked as disposed of, and there is neither result nor letter.
  kUnmarked,  ///< It has an outcome and its identity no marker: its redelivery would have another.
  kSurplus,   ///< It has an outcome although its identity had one within the window.
};

struct AuditFinding {
  AuditFault fault = AuditFault::kNoMarker;
  Offset offset = 0;
  std::optional<Offset> first{};  ///< Of a surplus: the callback that had the other one, if known.
  bool stands_again = false;      ///< kNoMarker: another callback of its identity has none either.
  friend auto operator<=>(const AuditFinding&, const AuditFinding&) = default;
};

/// What became of the callbacks of one partition.
struct AuditJudgement {
  std::vector<AuditFinding> findings;  ///< By offset.
  std::size_t callbacks = 0;           ///< All that were judged: the sum of the five after it.
  std::size_t disposed_of = 0;         ///< With an outcome of its own.
  std::size_t duplicates = 0;          ///< Of one that was disposed of.
  std::size_t handed_over = 0;         ///< A redriven record stands for it, and is judged as well.
  std::size_t expired = 0;             ///< Its marker or outcome may have gone by retention.
  std::size_t missing = 0;             ///< kNoMarker and kNoResult.
};

/// From when on everything that was ever written is still there.
struct AuditHorizon {
  common::WallTime callbacks = common::WallTime::min();
  common::WallTime markers = common::WallTime::min();
  common::WallTime results = common::WallTime::min();
  common::WallTime letters = common::WallTime::min();
};

/// How far the clocks of brokers and instances may be apart, and how long the commit of what was
/// produced may take: what came within it after an outcome may have met the first one in hand.
inline constexpr std::chrono::minutes kCommitSlack{1};

/// What a marker says of the outcome.
enum class MarkedAs : std::uint8_t { kUnknown, kPublished, kDead };

/// The callbacks of ONE partition in a range of record times, the markers of their identities and
/// their outcomes: results and dead letters.
///
/// An outcome is that of the callback at the place that it names if it is of the same fact and
/// delivery: the place alone may be one in an earlier life of the log. Otherwise it is a stray one:
/// of a callback that is not here, or of the same delivery at another place, where the log was
/// copied. It still is the outcome of the identity's marker before it. An outcome that is older
/// than its callback is not the callback's unless a marker is.
///
/// A callback needs a marker by which the consumer would call it a duplicate now: its own, or one
/// with record time - marker time < window, the marker's time rounded up to the hour as the
/// consumer's table does. So what was delivered again after the window needs a marker of its own,
/// unless the first one was still in hand then. Whoever has a marker needs an outcome, and only one
/// within the window. What came through ingest's spool is judged and marked at earlier times than
/// its record's (consumer::RecordTimes).
///
/// Takes all callbacks first, in the order of their offsets, then markers and outcomes in any.
/// Memory: 76 bytes for each callback, 32 for each identity, and 32 for each stray outcome; what
/// concerns none of the identities is not kept.
class AuditLedger {
 public:
  struct Range {
    common::WallTime from{};
    common::WallTime to{};  ///< Exclusive.
  };
  /// `size`: how many callbacks are expected.
  explicit AuditLedger(Range range, std::size_t size = 0) : range_(range) {
    sightings_.reserve(size);
  }

  struct Callback {
    Offset offset = 0;
    common::WallTime time{};
    CallbackIdentity is;
    std::chrono::seconds window{};
    /// How much before `time` it is judged and, if it is the first, marked.
    std::chrono::milliseconds judged_before{};
    std::chrono::milliseconds marked_before{};
    /// It names this callback of the same partition as the one that it was put back for.
    std::optional<Offset> stands_for{};
  };
  /// Outside of the range only what stands for a callback in the ledger is taken.
  void Add(const Callback& callback);
  /// Whether a record that is `is` and names that callback in `redrive` was put back for it.
  [[nodiscard]] bool IsPutBack(Offset callback, const CallbackIdentity& is) const;
  void AddMarker(const common::Identity& identity, common::WallTime time,
                 MarkedAs outcome = MarkedAs::kUnknown);

  struct Outcome {
    Offset callback = 0;  ///< Where it says that its callback stood.
    /// A result says of what fact it is, a dead letter of what identity, unless it is without body.
    std::optional<common::Identity> of{};
    bool is_result = true;
    DeliveryId delivery = 0;
    common::WallTime at{};  ///< Its Kafka timestamp.
  };
  void AddOutcome(const Outcome& outcome);

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
    Offset offset = 0;
    std::uint64_t fact = 0;  ///< The first bytes of it.
    DeliveryId delivery = 0;
    std::uint32_t outcome_second = 0;  ///< Of the epoch: when the last outcome came.
    std::uint32_t window_seconds : 30 = 0;
    std::uint32_t outcomes : 2 = 0;  ///< Counted up to 2.
  };
  struct Marker {
    common::Identity identity;
    common::WallTime time{};
    MarkedAs outcome = MarkedAs::kUnknown;
    friend auto operator<=>(const Marker&, const Marker&) = default;
  };
  /// An outcome of an identity that is here, of no callback that is.
  struct Stray {
    common::Identity identity;
    common::WallTime at{};
    DeliveryId delivery = 0;
    friend auto operator<=>(const Stray&, const Stray&) = default;
  };
  class Group;

  [[nodiscard]] static bool IsOf(const Outcome& outcome, const Sighting& sighting);
  [[nodiscard]] bool HoldsIdentity(const common::Identity& identity);
  [[nodiscard]] static std::uint32_t SecondOf(common::WallTime time);
  /// In sightings_; its size if the callback is not there.
  [[nodiscard]] std::size_t PlaceOf(Offset offset) const;
  void Sort();

  Range range_;
  std::vector<Sighting> sightings_;         ///< By offset.
  std::vector<std::uint32_t> by_identity_;  ///< Places in sightings_, by identity and offset.
  std::vector<Marker> markers_;
  std::vector<Stray> strays_;
  std::set<Offset> handed_over_;
};

}  // namespace ctl
