#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "ingest/spool/sequence_set.h"

namespace ingest {

/// Guides a scan around unreadable rows: finds the extent of each unreadable place, and decides
/// when to retry it.
///
///   kWaiting --fails kPatience times--> kProbing: behind it, twice as far each time
///                                          |  ^ failed there, too
///                  a row was readable      v  |
///   passed <--readable now, too-------- kConfirming --failed--> kLeaving: between is a gap
///
///   gap --read later--> gone, shorter, or two halves, until only unreadable rows are left
///
/// While nothing behind a place is readable either, nothing is skipped: then the disk is failing,
/// not a page of the file, and the order of the callbacks is kept.
///
/// Threads: confined.
/// Time:    reads no clock.
class ScanGaps {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Failures at a place before rows behind it are probed; one if there are gaps already.
  static constexpr int kPatience = 3;
  /// With this many gaps the file is beyond help, so nothing more is skipped.
  static constexpr std::size_t kMost = 1000;
  /// With this many gaps none is halved any more.
  static constexpr std::size_t kEnoughToHalve = 64;
  static constexpr std::chrono::milliseconds kUntilHalves{1'000};
  static constexpr std::chrono::seconds kFirstWait{10};
  static constexpr std::chrono::seconds kLongestWait{600};

  using Range = SequenceRange;
  /// The result of reading a range.
  struct Reading {
    std::int64_t passed = 0;  ///< Every row up to this one was read; before the range if none was.
    bool has_failed = false;  ///< At the row that follows.
  };

  // The scan.
  /// The part of `from` to `last` to read next. Empty: everything up to `to` is a gap.
  [[nodiscard]] Range Next(std::int64_t from, std::int64_t last);
  /// Returns how far the scan has come, by reading or skipping. Precondition: Next() has returned
  /// this range.
  std::int64_t Passed(const Range& range, const Reading& reading, TimePoint now);
  /// True if the range is only a probe: its rows must not be used yet, and one row is enough.
  [[nodiscard]] bool is_trial() const { return is_trial_; }
  /// True if reading may continue immediately after a failure, because there is something else to
  /// try.
  [[nodiscard]] bool is_probing() const { return is_probing_; }

  // Skipped rows.
  /// A gap to read now.
  [[nodiscard]] std::optional<Range> Due(TimePoint now) const;
  /// Precondition: Due() has returned this range.
  void PassedGap(const Range& range, const Reading& reading, TimePoint now);

  /// The number of places, including those that are not skipped yet.
  [[nodiscard]] std::size_t places() const { return gaps_.size() + troubles_.size(); }
  [[nodiscard]] bool Contains(std::int64_t sequence) const { return Find(sequence) != nullptr; }

 private:
  struct Gap {
    Range range;
    bool is_settled = false;  ///< Not halved any more.
    int failures = 0;
    TimePoint not_before{};
  };
  /// A place where reading fails.
  enum class Phase { kWaiting, kProbing, kConfirming, kLeaving };
  struct Trouble {
    std::int64_t at = 0;
    Phase phase = Phase::kWaiting;
    int failures = 0;
    std::int64_t step = 1;  ///< Distance from the place to the probe.
  };

  [[nodiscard]] const Gap* Find(std::int64_t sequence) const;
  [[nodiscard]] Trouble* TroubleAt(std::int64_t at);
  [[nodiscard]] bool MayProbe(const Trouble& trouble) const;
  void Failed(Trouble& trouble);
  void Add(const Gap& gap);
  void Settle(Gap gap, TimePoint now);

  std::vector<Gap> gaps_;          ///< By sequence.
  std::vector<Trouble> troubles_;  ///< At most one per partition's scan.
  std::int64_t at_ = 0;            ///< Where the range of Next() would begin without a probe.
  std::int64_t last_ = 0;          ///< The last argument of Next().
  bool is_trial_ = false;
  bool is_probing_ = false;
};

}  // namespace ingest
