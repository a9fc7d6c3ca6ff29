#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "common/domain/offset_metadata.h"
#include "consumer/lane/log_life.h"

namespace consumer {

/// Where the reading of a log is that goes on in passes. Each pass begins with the witness, the
/// last record read before:
///
///   witness      next              end
///      ●──────────┼─────────────────┤   it comes first: the pass goes on with what is new
///      ○──────────┼─────────────────┤   another record comes, or none: in doubt, nothing is taken
///
/// The log may have lost its end and grown again, and what is new below `next` would never be read.
/// The owner then compares the position with the log (Survey), and begins anew, or confirms it.
///
/// A log that loses its end has no leader meanwhile. So a pass ends for a partition where no record
/// has come for a second, and the next one begins with the record before. If that second comes
/// right after the witness, the position is in doubt instead: a slow broker must not hold it up for
/// ever.
///
/// Threads: confined to one. Time: an argument.
class LogCursor {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds kPause{1'000};
  /// Control records and aborted records may follow the witness. A pass reads at most so many
  /// offsets again; beyond, it begins in doubt.
  static constexpr std::int64_t kMostReadAgain = 1'000;

  /// `witness`: a record below `next`, if known.
  explicit LogCursor(Offset next, std::optional<common::OffsetWitness> witness = std::nullopt)
      : position_{.next = next, .last = witness} {}

  /// Begins a pass: the offset to read from. None: the position is in doubt.
  [[nodiscard]] std::optional<Offset> Begin();
  /// A record comes. True if it is new and the position moves past it.
  [[nodiscard]] bool Accept(const common::OffsetWitness& record, TimePoint now);
  /// The pass has come to that offset.
  void Reached(Offset offset);

  [[nodiscard]] bool is_in_doubt() const { return state_ == State::kInDoubt; }
  /// The log still has the records that were read, or nothing shows the contrary.
  void Confirm() { state_ = State::kConfirmed; }

  [[nodiscard]] const ReadPosition& position() const { return position_; }

 private:
  //   kEnded ───Begin()──▶ kAwaiting ──the witness──▶ kReading ──a pause──▶ kEnded
  //     │                     │ another record, or the end    ▲
  //     └─the witness is far──┴──▶ kInDoubt ──Confirm()──▶ kConfirmed ──Begin()──┘
  //
  // Begin() in kReading is the same as in kEnded. A pause before the first new record leads to
  // kInDoubt.
  enum class State { kEnded, kAwaiting, kReading, kInDoubt, kConfirmed };

  ReadPosition position_;
  State state_ = State::kEnded;
  std::optional<TimePoint> took_at_;  ///< In this pass.
  bool has_moved_ = false;            ///< In this pass, past a new record.
};

}  // namespace consumer
