#include <algorithm>
#include <iterator>
#include <set>
#include <span>
#include <utility>

#include "ops/ctl/audit/audit_ledger.h"

namespace ctl {
namespace {

using common::Identity;
using common::WallTime;
using std::chrono::milliseconds;
using std::chrono::seconds;

WallTime NextHour(WallTime time) { return std::chrono::ceil<std::chrono::hours>(time); }

/// Removes the elements of one identity from the front of a range sorted by identity.
template <typename Iterator>
std::span<const typename std::iterator_traits<Iterator>::value_type> TakeOf(
    const Identity& identity, Iterator& first, Iterator end) {
  // The caller visits every identity of the range, in the same order.
  const Iterator last =
      std::find_if(first, end, [&](const auto& other) { return other.identity != identity; });
  return {std::exchange(first, last), last};
}

}  // namespace

/// One identity: its callbacks by offset, its markers and its stray outcomes by time.
class AuditLedger::Group {
 public:
  Group(const AuditLedger& ledger, const AuditHorizon& horizon,
        std::span<const std::uint32_t> members, std::span<const Marker> markers,
        std::span<const Stray> strays)
      : ledger_(ledger), horizon_(horizon), members_(members), markers_(markers), strays_(strays) {}

  void Judge(AuditJudgement& judgement) {
    const std::size_t before = judgement.findings.size();
    for (const std::uint32_t member : members_) {
      ++judgement.callbacks;
      const Sighting& sighting = ledger_.sightings_[member];
      if (IsDisposedOf(sighting)) {
        ++judgement.disposed_of;
        JudgeOutcome(sighting, judgement);
        if (IsReconciledAfter(sighting)) {
          judgement.findings.push_back({AuditFault::kReconciledToo, sighting.offset, {}});
        }
        last_disposed_of_ = &sighting;
      } else {
        JudgeWithout(sighting, judgement);
      }
    }
    const std::span mine = std::span(judgement.findings).subspan(before);
    const auto has_no_marker = [](const AuditFinding& finding) {
      return finding.fault == AuditFault::kNoMarker;
    };
    if (std::count_if(mine.begin(), mine.end(), has_no_marker) < 2) return;
    for (AuditFinding& finding : mine) finding.stands_again = has_no_marker(finding);
  }

 private:
  bool IsDisposedOf(const Sighting& sighting) {
    const auto may_be_its = [&](std::uint32_t outcome_second) {
      return outcome_second >= SecondOf(sighting.time - kCommitSlack) ||
             CoverOf(sighting) != nullptr;
    };
    if (sighting.outcomes > 0) return may_be_its(sighting.outcome_second);
    // If the log was copied, the callback's outcome names another place.
    for (const Stray& stray : strays_) {
      const bool is_its = stray.delivery != 0 && stray.delivery == sighting.delivery &&
                          may_be_its(SecondOf(stray.at));
      if (is_its && taken_.insert(&stray).second) return true;
    }
    return false;
  }

  void JudgeOutcome(const Sighting& sighting, AuditJudgement& judgement) const {
    const auto report = [&](AuditFault fault, std::optional<Offset> first = {}) {
      judgement.findings.push_back({fault, sighting.offset, first});
    };
    const auto is_within = [&](WallTime earlier) {
      return sighting.judged_at - earlier < seconds(sighting.window_seconds);
    };
    if (sighting.outcomes > 1) {
      report(AuditFault::kSurplus, sighting.offset);
    } else if (last_disposed_of_ != nullptr && is_within(last_disposed_of_->marked_at)) {
      report(AuditFault::kSurplus, last_disposed_of_->offset);
    } else if (HadOneBeforeTheRange(is_within) || HadOneInAnEarlierLife(sighting, is_within) ||
               HadOneElsewhere(sighting, is_within)) {
      report(AuditFault::kSurplus);
    } else if (CoverOf(sighting) == nullptr && sighting.marked_at >= horizon_.markers) {
      report(AuditFault::kUnmarked);
    }
  }

  /// consumer asks for no process whose callback it has handled within the window.
  [[nodiscard]] bool IsReconciledAfter(const Sighting& sighting) const {
    return std::any_of(strays_.begin(), strays_.end(), [&](const Stray& stray) {
      return stray.is_reconciled && stray.at > sighting.marked_at &&
             SecondOf(stray.at) >= sighting.outcome_second &&
             stray.at - sighting.marked_at < seconds(sighting.window_seconds);
    });
  }

  /// True if the marker of a callback before the range makes it a duplicate.
  template <typename IsWithin>
  [[nodiscard]] bool HadOneBeforeTheRange(IsWithin is_within) const {
    return std::any_of(markers_.begin(), markers_.end(), [&](const Marker& marker) {
      return marker.time < SourcesFrom() && is_within(marker.time) && !HasSource(marker);
    });
  }

  /// True if it has its own marker although an earlier marker, with an outcome, makes it a
  /// duplicate of a callback that the log no longer holds.
  template <typename IsWithin>
  [[nodiscard]] bool HadOneInAnEarlierLife(const Sighting& sighting, IsWithin is_within) const {
    if (sighting.outcomes == 0 || strays_.empty()) return false;
    const auto is_own = [&](const Marker& marker) { return marker.time == sighting.marked_at; };
    if (std::none_of(markers_.begin(), markers_.end(), is_own)) return false;
    return std::any_of(markers_.begin(), markers_.end(), [&](const Marker& marker) {
      return marker.time < sighting.marked_at && marker.time >= SourcesFrom() &&
             is_within(marker.time) && !HasSource(marker) && HasStray(marker);
    });
  }

  /// True if it has an outcome although a copied marker makes it a duplicate.
  template <typename IsWithin>
  [[nodiscard]] bool HadOneElsewhere(const Sighting& sighting, IsWithin is_within) const {
    return sighting.outcomes > 0 &&
           std::any_of(markers_.begin(), markers_.end(), [&](const Marker& marker) {
             return marker.outcome == MarkedAs::kElsewhere && marker.time < sighting.marked_at &&
                    is_within(marker.time);
           });
  }

  void JudgeWithout(const Sighting& sighting, AuditJudgement& judgement) {
    const Marker* const cover = CoverOf(sighting);
    if (cover != nullptr && cover->outcome == MarkedAs::kIgnored) {
      // Redeliveries of the same millisecond have its time as well.
      const bool is_first = cover->time == sighting.marked_at && answered_for_ != cover;
      if (is_first) answered_for_ = cover;
      ++(is_first ? judgement.ignored : judgement.duplicates);
    } else if (IsDuplicate(sighting, cover)) {
      ++judgement.duplicates;
    } else if (ledger_.handed_over_.contains(sighting.offset)) {
      ++judgement.handed_over;
    } else if (cover == nullptr ? sighting.marked_at < horizon_.markers
                                : sighting.time < HorizonOf(*cover)) {
      ++judgement.expired;
    } else {
      ++judgement.missing;
      judgement.findings.push_back(
          {cover == nullptr ? AuditFault::kNoMarker : AuditFault::kNoResult, sighting.offset, {}});
    }
  }

  [[nodiscard]] bool IsDuplicate(const Sighting& sighting, const Marker* cover) {
    if (cover == nullptr) return MetOneInHand(sighting) || ledger_.IsRepeatedEvent(sighting);
    return cover->outcome == MarkedAs::kElsewhere || !MustAnswerFor(sighting, *cover);
  }

  /// The time since which an absent outcome of the marker was never written.
  [[nodiscard]] WallTime HorizonOf(const Marker& marker) const {
    switch (marker.outcome) {
      case MarkedAs::kPublished:
        return horizon_.results;
      case MarkedAs::kDead:
        return horizon_.letters;
      case MarkedAs::kIgnored:
      case MarkedAs::kElsewhere:
      case MarkedAs::kUnknown:
        break;
    }
    return std::max(horizon_.results, horizon_.letters);
  }

  /// The marker that makes the consumer drop this callback: its own, else the latest one before it,
  /// else the earliest one after it.
  [[nodiscard]] const Marker* CoverOf(const Sighting& sighting) const {
    const auto is_own = [&](const Marker& marker) { return marker.time == sighting.marked_at; };
    const auto own = std::find_if(markers_.begin(), markers_.end(), is_own);
    if (own != markers_.end()) return &*own;
    const auto after =
        std::upper_bound(markers_.begin(), markers_.end(), sighting.judged_at,
                         [](WallTime time, const Marker& marker) { return time < marker.time; });
    if (after != markers_.begin()) {
      const Marker& before = *std::prev(after);
      if (sighting.judged_at - NextHour(before.time) < seconds(sighting.window_seconds)) {
        return &before;
      }
    }
    return after == markers_.end() ? nullptr : &*after;
  }

  /// The consumer drops a record whose identity is in hand immediately, whatever its time.
  [[nodiscard]] bool MetOneInHand(const Sighting& sighting) const {
    return last_disposed_of_ != nullptr &&
           SecondOf(sighting.time - kCommitSlack) <= last_disposed_of_->outcome_second;
  }

  /// True if the marker's missing outcome must be reported at this callback. Each marker is
  /// reported once: at the callback for which it was written or, if that is not on the topic, at
  /// the first one dropped because of it. Markers of callbacks outside the range belong to another
  /// audit.
  [[nodiscard]] bool MustAnswerFor(const Sighting& sighting, const Marker& marker) {
    const bool has_source = HasSource(marker);
    if (has_source ? marker.time != sighting.marked_at
                   : marker.time < SourcesFrom() || marker.time >= ledger_.range_.to) {
      return false;
    }
    if (answered_for_ == &marker) return false;
    answered_for_ = &marker;
    if (HasStray(marker)) return false;
    // Another callback of the identity may have the outcome.
    return std::none_of(members_.begin(), members_.end(), [&](std::uint32_t member) {
      const Sighting& other = ledger_.sightings_[member];
      const auto apart = other.marked_at - marker.time;
      // The outcome is not that of a callback before the marker's own. Without an own callback, the
      // marker's time is inexact, so callbacks on both sides count.
      const bool is_before = has_source && apart < milliseconds(0);
      return other.outcomes > 0 && !is_before &&
             std::chrono::abs(apart) < seconds(other.window_seconds);
    });
  }

  /// True if the callback for which it was written is in the ledger.
  [[nodiscard]] bool HasSource(const Marker& marker) const {
    return std::any_of(members_.begin(), members_.end(), [&](std::uint32_t member) {
      return ledger_.sightings_[member].marked_at == marker.time;
    });
  }

  /// True if a stray outcome belongs to the marker: to the last one before it, else to the first.
  [[nodiscard]] bool HasStray(const Marker& marker) const {
    return std::any_of(strays_.begin(), strays_.end(), [&](const Stray& stray) {
      const auto after =
          std::upper_bound(markers_.begin(), markers_.end(), stray.at + kCommitSlack,
                           [](WallTime time, const Marker& other) { return time < other.time; });
      const Marker& its = after == markers_.begin() ? markers_.front() : *std::prev(after);
      return its.time == marker.time;
    });
  }

  [[nodiscard]] WallTime SourcesFrom() const {
    return std::max(ledger_.range_.from, horizon_.callbacks);
  }

  const AuditLedger& ledger_;
  const AuditHorizon& horizon_;
  std::span<const std::uint32_t> members_;
  std::span<const Marker> markers_;
  std::span<const Stray> strays_;
  const Sighting* last_disposed_of_ = nullptr;
  const Marker* answered_for_ = nullptr;
  std::set<const Stray*> taken_;  ///< Strays that belong to a callback in the ledger.
};

AuditJudgement AuditLedger::Judge(const AuditHorizon& horizon) {
  Sort();
  std::sort(markers_.begin(), markers_.end());
  std::sort(strays_.begin(), strays_.end());
  std::sort(event_markers_.begin(), event_markers_.end());
  AuditJudgement judgement;
  auto marker = markers_.cbegin();
  auto stray = strays_.cbegin();
  for (auto first = by_identity_.begin(); first != by_identity_.end();) {
    const Identity& identity = sightings_[*first].identity;
    const auto last = std::find_if(first, by_identity_.end(), [&](std::uint32_t at) {
      return sightings_[at].identity != identity;
    });
    Group(*this, horizon, {first, last}, TakeOf(identity, marker, markers_.cend()),
          TakeOf(identity, stray, strays_.cend()))
        .Judge(judgement);
    first = last;
  }
  std::sort(judgement.findings.begin(), judgement.findings.end(),
            [](const AuditFinding& a, const AuditFinding& b) { return a.offset < b.offset; });
  return judgement;
}

}  // namespace ctl
