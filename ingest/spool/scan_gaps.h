#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "ingest/spool/sequence_set.h"

namespace ingest {

/// The way of a scan around what it cannot read: finds how far each such place reaches, and says
/// when to look there again.
///
///   kWaiting --fails kPatience times--> kProbing: behind it, twice as far each time
///                                          |  ^ failed there, too
///                  something can be read   v  |
///   passed <--it can be read now, too-- kConfirming --failed--> kLeaving: between is a gap
///
///   gap --read later--> gone, or shorter, or two halves, down to what really cannot be read
///
/// While nothing behind a place can be read either, nothing is stepped over: then the disk is away,
/// not a page of the file, and the order of what waits is kept.
///
/// Threads: confined.
/// Time:    reads no clock.
class ScanGaps {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Of one place, before something behind it is probed; once, where there are gaps already.
  static constexpr int kPatience = 3;
  /// With so many the file is beyond help: nothing more is stepped over.
  static constexpr std::size_t kMost = 1000;
  /// With so many none is halved any more.
  static constexpr std::size_t kEnoughToHalve = 64;
  static constexpr std::chrono::milliseconds kUntilHalves{1'000};
  static constexpr std::chrono::seconds kFirstWait{10};
  static constexpr std::chrono::seconds kLongestWait{600};

  using Range = SequenceRange;
  /// What reading a range came to.
  struct Reading {
    std::int64_t passed = 0;  ///< Every row up to that one; less than the range's: none.
    bool has_failed = false;  ///< At what follows.
  };

  // The scan.
  /// What to read next of what lies between `from` and `last`. None: all up to `to` is a gap.
  [[nodiscard]] Range Next(std::int64_t from, std::int64_t last);
  /// Precondition: Next() has given that range. Up to where the scan has come, by reading or by
  /// stepping over.
  std::int64_t Passed(const Range& range, const Reading& reading, TimePoint now);
  /// Whether that range is only tried: of what it holds nobody is told yet, and one row is enough.
  [[nodiscard]] bool is_trial() const { return is_trial_; }
  /// Whether reading goes on at once though it has failed: there is something else to try.
  [[nodiscard]] bool is_probing() const { return is_probing_; }

  // What was stepped over.
  /// A gap to be read now.
  [[nodiscard]] std::optional<Range> Due(TimePoint now) const;
  /// Precondition: Due() has given that range.
  void PassedGap(const Range& range, const Reading& reading, TimePoint now);

  /// How many there are, with those that were not stepped over yet.
  [[nodiscard]] std::size_t places() const { return gaps_.size() + troubles_.size(); }
  [[nodiscard]] bool Contains(std::int64_t sequence) const { return Find(sequence) != nullptr; }

 private:
  struct Gap {
    Range range;
    bool is_settled = false;  ///< Not to be halved any more.
    int failures = 0;
    TimePoint not_before{};
  };
  /// A place where reading fails.
  enum class Phase { kWaiting, kProbing, kConfirming, kLeaving };
  struct Trouble {
    std::int64_t at = 0;
    Phase phase = Phase::kWaiting;
    int failures = 0;
    std::int64_t step = 1;  ///< From it to where a probe is made.
  };

  [[nodiscard]] const Gap* Find(std::int64_t sequence) const;
  [[nodiscard]] Trouble* TroubleAt(std::int64_t at);
  [[nodiscard]] bool MayProbe(const Trouble& trouble) const;
  void Failed(Trouble& trouble);
  void Add(const Gap& gap);
  void Settle(Gap gap, TimePoint now);

  std::vector<Gap> gaps_;          ///< By sequence.
  std::vector<Trouble> troubles_;  ///< One of each partition's way, at most.
  std::int64_t at_ = 0;            ///< Where the range of Next() would begin without a probe.
  std::int64_t last_ = 0;          ///< As Next() was told.
  bool is_trial_ = false;
  bool is_probing_ = false;
};

}  // namespace ingest
