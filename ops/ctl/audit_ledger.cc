#include "ops/ctl/audit_ledger.h"

#include <algorithm>
#include <numeric>
#include <span>

namespace ctl {
namespace {

using common::Identity;
using common::WallTime;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// How far the clocks of brokers and instances may be apart, and how long the commit of what was
/// produced may take: what came within it after an outcome may have met the first one in hand.
constexpr std::chrono::minutes kCommitSlack{1};

WallTime NextHour(WallTime time) { return std::chrono::ceil<std::chrono::hours>(time); }

std::uint32_t ToSecond(WallTime time) {
  return static_cast<std::uint32_t>(
      std::max<std::int64_t>(0, std::chrono::ceil<seconds>(time.time_since_epoch()).count()));
}

}  // namespace

void AuditLedger::Add(const Callback& callback) {
  const bool is_successor = callback.stands_for && Holds(*callback.stands_for);
  if (is_successor) handed_over_.insert(*callback.stands_for);
  const bool is_in_range = callback.time >= range_.from && callback.time < range_.to;
  if (!is_in_range && !is_successor) return;
  constexpr seconds kLongest{(1 << 30) - 1};
  sightings_.push_back(
      {.identity = callback.identity,
       .time = callback.time,
       .offset = callback.offset,
       .window_seconds = static_cast<std::uint32_t>(
           std::clamp(callback.window, seconds(0), kLongest).count() & 0x3fffffff)});
}

void AuditLedger::AddMarker(const Identity& identity, WallTime time, MarkedAs outcome) {
  Sort();
  const auto found = std::lower_bound(
      by_identity_.begin(), by_identity_.end(), identity,
      [&](std::uint32_t at, const Identity& wanted) { return sightings_[at].identity < wanted; });
  if (found == by_identity_.end() || sightings_[*found].identity != identity) return;
  markers_.push_back({identity, time, outcome});
}

void AuditLedger::AddOutcome(Offset callback, WallTime at) {
  const std::size_t place = PlaceOf(callback);
  if (place == sightings_.size()) return;
  Sighting& sighting = sightings_[place];
  sighting.outcomes = std::min(sighting.outcomes + 1U, 2U) & 3U;
  sighting.outcome_second = std::max(sighting.outcome_second, ToSecond(at));
}

std::size_t AuditLedger::PlaceOf(Offset offset) const {
  const auto found = std::lower_bound(
      sightings_.begin(), sightings_.end(), offset,
      [](const Sighting& sighting, Offset wanted) { return sighting.offset < wanted; });
  if (found == sightings_.end() || found->offset != offset) return sightings_.size();
  return static_cast<std::size_t>(found - sightings_.begin());
}

void AuditLedger::Sort() {
  if (by_identity_.size() == sightings_.size()) return;
  by_identity_.resize(sightings_.size());
  std::iota(by_identity_.begin(), by_identity_.end(), 0U);
  // Places ascend with the offsets.
  std::sort(by_identity_.begin(), by_identity_.end(), [&](std::uint32_t a, std::uint32_t b) {
    const auto order = sightings_[a].identity <=> sightings_[b].identity;
    return order == 0 ? a < b : order < 0;
  });
}

/// The callbacks of one identity, by offset, and its markers, by time.
class AuditLedger::Group {
 public:
  Group(const AuditLedger& ledger, const AuditHorizon& horizon,
        std::span<const std::uint32_t> members, std::span<const Marker> markers)
      : ledger_(ledger), horizon_(horizon), members_(members), markers_(markers) {}

  void Judge(AuditJudgement& judgement) {
    for (const std::uint32_t member : members_) {
      ++judgement.callbacks;
      const Sighting& sighting = ledger_.sightings_[member];
      if (sighting.outcomes > 0) {
        ++judgement.disposed_of;
        JudgeOutcome(sighting, judgement);
        last_disposed_of_ = &sighting;
      } else {
        JudgeWithout(sighting, judgement);
      }
    }
  }

 private:
  void JudgeOutcome(const Sighting& sighting, AuditJudgement& judgement) const {
    const auto report = [&](AuditFault fault, std::optional<Offset> first = {}) {
      judgement.findings.push_back({fault, sighting.offset, first});
    };
    const auto is_within = [&](WallTime earlier) {
      return sighting.time - earlier < seconds(sighting.window_seconds);
    };
    if (sighting.outcomes > 1) {
      report(AuditFault::kSurplus, sighting.offset);
    } else if (last_disposed_of_ != nullptr && is_within(last_disposed_of_->time)) {
      report(AuditFault::kSurplus, last_disposed_of_->offset);
    } else if (!markers_.empty() && markers_.front().time < SourcesFrom() &&
               is_within(LastMarkerBefore(SourcesFrom()).time)) {
      report(AuditFault::kSurplus);
    } else if (CoverOf(sighting) == nullptr && sighting.time >= horizon_.markers) {
      report(AuditFault::kUnmarked);
    }
  }

  void JudgeWithout(const Sighting& sighting, AuditJudgement& judgement) {
    const Marker* const cover = CoverOf(sighting);
    if (cover == nullptr ? MetOneInHand(sighting) : !MustAnswerFor(sighting, *cover)) {
      ++judgement.duplicates;
    } else if (ledger_.handed_over_.contains(sighting.offset)) {
      ++judgement.handed_over;
    } else if (sighting.time < HorizonOf(cover)) {
      ++judgement.expired;
    } else {
      ++judgement.missing;
      judgement.findings.push_back(
          {cover == nullptr ? AuditFault::kNoMarker : AuditFault::kNoResult, sighting.offset, {}});
    }
  }

  /// From when on what is not there never was: the marker or, where there is one, its outcome.
  [[nodiscard]] WallTime HorizonOf(const Marker* marker) const {
    if (marker == nullptr) return horizon_.markers;
    switch (marker->outcome) {
      case MarkedAs::kPublished:
        return horizon_.results;
      case MarkedAs::kDead:
        return horizon_.letters;
      case MarkedAs::kUnknown:
        break;
    }
    return std::max(horizon_.results, horizon_.letters);
  }

  /// The marker that makes the consumer drop this callback: its own if there is one, otherwise the
  /// latest of those before it or, without one, the earliest after it.
  [[nodiscard]] const Marker* CoverOf(const Sighting& sighting) const {
    const auto after =
        std::upper_bound(markers_.begin(), markers_.end(), sighting.time,
                         [](WallTime time, const Marker& marker) { return time < marker.time; });
    if (after != markers_.begin()) {
      const Marker& before = *std::prev(after);
      if (sighting.time - NextHour(before.time) < seconds(sighting.window_seconds)) return &before;
    }
    return after == markers_.end() ? nullptr : &*after;
  }

  /// "A record whose identity is in hand is dropped on sight, whatever its time."
  [[nodiscard]] bool MetOneInHand(const Sighting& sighting) const {
    return last_disposed_of_ != nullptr &&
           ToSecond(sighting.time - kCommitSlack) <= last_disposed_of_->outcome_second;
  }

  /// Whether the marker's missing outcome is to be reported here. Each marker is, once: at the
  /// callback that it was written for or, where that is not on the topic, at the first one that was
  /// dropped because of it. Markers of callbacks outside of the range belong to another range.
  [[nodiscard]] bool MustAnswerFor(const Sighting& sighting, const Marker& marker) {
    const auto at_its_time = [&](std::uint32_t member) {
      return ledger_.sightings_[member].time == marker.time;
    };
    const bool has_source = std::any_of(members_.begin(), members_.end(), at_its_time);
    if (has_source ? marker.time != sighting.time
                   : marker.time < SourcesFrom() || marker.time >= ledger_.range_.to) {
      return false;
    }
    if (answered_for_ == &marker) return false;
    answered_for_ = &marker;
    // The outcome may be that of another callback of the identity.
    return std::none_of(members_.begin(), members_.end(), [&](std::uint32_t member) {
      const Sighting& other = ledger_.sightings_[member];
      const auto apart = other.time - marker.time;
      // A marker of another time than its callback's stands about then, not before it.
      const bool is_before = has_source && apart < milliseconds(0);
      return other.outcomes > 0 && !is_before &&
             std::chrono::abs(apart) < seconds(other.window_seconds);
    });
  }

  [[nodiscard]] WallTime SourcesFrom() const {
    return std::max(ledger_.range_.from, horizon_.callbacks);
  }
  /// Precondition: there is one.
  [[nodiscard]] const Marker& LastMarkerBefore(WallTime time) const {
    return *std::prev(
        std::lower_bound(markers_.begin(), markers_.end(), time,
                         [](const Marker& marker, WallTime at) { return marker.time < at; }));
  }

  const AuditLedger& ledger_;
  const AuditHorizon& horizon_;
  std::span<const std::uint32_t> members_;
  std::span<const Marker> markers_;
  const Sighting* last_disposed_of_ = nullptr;
  const Marker* answered_for_ = nullptr;
};

AuditJudgement AuditLedger::Judge(const AuditHorizon& horizon) {
  Sort();
  std::sort(markers_.begin(), markers_.end());
  AuditJudgement judgement;
  auto marker = markers_.begin();
  for (auto first = by_identity_.begin(); first != by_identity_.end();) {
    const Identity& identity = sightings_[*first].identity;
    const auto last = std::find_if(first, by_identity_.end(), [&](std::uint32_t at) {
      return sightings_[at].identity != identity;
    });
    const auto marker_end = std::find_if(
        marker, markers_.end(), [&](const Marker& other) { return other.identity != identity; });
    // Every marker is of an identity that is here, so both walks meet.
    const bool has_markers = marker != markers_.end() && marker->identity == identity;
    Group(*this, horizon, {first, last},
          has_markers ? std::span<const Marker>(marker, marker_end) : std::span<const Marker>())
        .Judge(judgement);
    if (has_markers) marker = marker_end;
    first = last;
  }
  std::sort(judgement.findings.begin(), judgement.findings.end(),
            [](const AuditFinding& a, const AuditFinding& b) { return a.offset < b.offset; });
  return judgement;
}

}  // namespace ctl
