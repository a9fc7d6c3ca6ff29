#include "ingest/spool/spool_writer.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "ingest/events.h"

namespace ingest {

namespace {

common::Error LogOfAnother() {
  return {common::Remedy::kStop, "cannot_open",
          "the write-ahead log beside it is another file's: move that away"};
}

using Place = SpoolDatabase::Place;

/// How many it has copied: all that are in the one, behind what is in the other, or none at all.
common::Result<std::size_t> Copy(SpoolDatabase& from, SpoolDatabase& to,
                                 const std::vector<std::int64_t>& but) {
  const auto last = to.LastSequence();
  if (!last) return last.error();
  const std::unordered_set<std::int64_t> left_out(but.begin(), but.end());
  std::int64_t sequence = *last;
  std::int64_t read_to = 0;
  std::size_t count = 0;
  const auto next = [&]() -> common::Result<std::vector<SpooledCallback>> {
    for (;;) {
      auto callbacks = from.ReadAfter(read_to, ReplayPlan::kMaxRecords, ReplayPlan::kMaxBytes);
      if (!callbacks || callbacks->empty()) return callbacks;
      read_to = callbacks->back().sequence;
      std::erase_if(*callbacks,
                    [&](const auto& callback) { return left_out.contains(callback.sequence); });
      if (callbacks->empty()) continue;
      count += callbacks->size();
      for (SpooledCallback& callback : *callbacks) callback.sequence = ++sequence;
      return callbacks;
    }
  };
  if (const auto copied = to.AppendAll(next); !copied) return copied.error();
  return count;
}

}  // namespace

SpoolWriter::SpoolWriter(SpoolDatabase::Options options, Events& events)
    : options_(std::move(options)), events_(events) {}

SpoolWriter::Stored SpoolWriter::Store(std::span<SpooledCallback> callbacks) {
  if (!is_writable()) return Stored::kNo;
  std::int64_t sequence = last_sequence_;
  for (SpooledCallback& callback : callbacks) callback.sequence = ++sequence;
  if (const auto stored = database_->Append(callbacks); !stored) {
    Note(stored.error());
    return Stored::kNo;
  }
  last_sequence_ = sequence;
  return HasGoneAstray() ? Stored::kAstray : Stored::kYes;
}

bool SpoolWriter::Remove(std::span<const std::int64_t> sequences) {
  if (!is_writable()) return false;
  if (const auto removed = database_->Remove(InFile(sequences)); !removed) {
    // A disk that is full for this may still take a callback.
    if (removed.error().remedy != common::Remedy::kRetry) Note(removed.error());
    return false;
  }
  return true;
}

void SpoolWriter::ShortenLog() {
  if (!is_writable() || log_stays_long_) return;
  if (const auto shortened = database_->ShortenLog(); !shortened) {
    log_stays_long_ = true;
    // What was committed is synced all the same.
    if (shortened.error().remedy != common::Remedy::kRetry) Note(shortened.error());
  }
}

common::Result<std::optional<std::int64_t>> SpoolWriter::Scan(std::int64_t from, std::size_t most,
                                                              const Visit& visit) {
  if (!database_) return common::Error{common::Remedy::kRetry, "closed", "scan: no file is open"};
  auto scanned = database_->Scan(from - base_, last_sequence() - base_, most,
                                 [&](std::int64_t sequence, std::string_view key,
                                     std::size_t size) { visit(sequence + base_, key, size); });
  if (!scanned) return NoteUnread(scanned.error());
  if (*scanned) **scanned += base_;
  return scanned;
}

common::Result<std::optional<SpooledCallback>> SpoolWriter::Read(std::int64_t sequence) {
  if (!database_) return common::Error{common::Remedy::kRetry, "closed", "read: no file is open"};
  if (!IsOfThisFile(sequence)) return std::optional<SpooledCallback>();
  const std::int64_t in_file = sequence - base_;
  auto found = database_->ReadAfter(in_file - 1, 1, 0);
  if (!found) return NoteUnread(found.error());
  if (found->empty() || found->front().sequence != in_file) {
    return std::optional<SpooledCallback>();
  }
  found->front().sequence = sequence;
  return std::optional(std::move(found->front()));
}

common::Error SpoolWriter::NoteUnread(common::Error error) {
  if (error.code == "damaged") NoteDamage(error);
  return error;
}

std::optional<common::WallTime> SpoolWriter::OldestReceivedAt() {
  if (!database_) return std::nullopt;
  const auto oldest = database_->OldestReceivedAt();
  return oldest ? *oldest : std::nullopt;
}

SpoolWriter::CountedPart SpoolWriter::CountOn(common::Deadline deadline) {
  auto counted = database_->Count(counted_to_, count_to_, deadline);
  if (!counted) {
    count_waits_ = true;
    counted.error().code == "damaged" ? NoteDamage(counted.error()) : Note(counted.error());
    return {};
  }
  counted_to_ = counted->last_sequence;
  has_counted_ = counted->is_all;
  return {.holdings = std::move(counted->holdings), .is_last = has_counted_};
}

std::optional<std::size_t> SpoolWriter::Maintain(std::span<const std::int64_t> to_remove) {
  count_waits_ = false;
  if (!HasGoneAstray()) {
    switch (state_) {
      case State::kGood:
        break;
      case State::kUnwritten:
        if (const auto probed = database_->Probe(); !probed) {
          Note(probed.error());
          return std::nullopt;
        }
        state_ = State::kGood;
        break;
      case State::kClosed:
        return OpenAnew(to_remove);
      case State::kDamaged:
        return std::nullopt;
    }
    if (std::exchange(log_stays_long_, false)) {
      if (const auto shortened = database_->ShortenLog(); !shortened) {
        log_stays_long_ = true;
        Note(shortened.error());
      }
    }
    return std::nullopt;
  }
  return OpenAnew(to_remove);
}

/// Looks at the paths. One that is no longer this file's takes nothing more.
bool SpoolWriter::HasGoneAstray() {
  if (!database_) return false;
  const Place place = database_->FindPlace();
  if (place == Place::kRight) {
    is_astray_ = false;
    return false;
  }
  if (!std::exchange(is_astray_, true)) events_.SpoolFileLost(place == Place::kGone);
  // Nothing more can be got out of a damaged one.
  if (state_ == State::kDamaged) database_.reset();
  state_ = State::kClosed;
  return true;
}

std::optional<std::size_t> SpoolWriter::OpenAnew(std::span<const std::int64_t> to_remove) {
  std::unique_ptr<SpoolDatabase> lost;
  if (database_ && is_astray_) {
    const auto settled = PrepareToLeave();
    if (!settled) return CannotOpen(settled.error());
    if (database_->FindPlace() == Place::kGone) lost = std::move(database_);
  }
  database_.reset();
  auto opened = OpenAtPath();
  if (!opened) {
    database_ = std::move(lost);
    return CannotOpen(opened.error());
  }
  if (const auto file = (*opened)->files().file; !lost && file != file_) {
    // Whatever is known by its sequence was in the other.
    base_ += std::exchange(last_sequence_, 0);
    file_ = file;
  }
  const auto taken_over = TakeOver(**opened, lost.get(), InFile(to_remove));
  if (!taken_over) {
    // One that cannot be written may still be read.
    database_ = lost ? std::move(lost) : *std::move(opened);
    return CannotOpen(taken_over.error());
  }
  database_ = *std::move(opened);
  file_ = database_->files().file;
  state_ = State::kGood;
  is_astray_ = false;
  log_stays_long_ = false;
  base_ = taken_over->base;
  last_sequence_ = std::max(lost ? 0 : last_sequence_, taken_over->last_sequence);
  counted_to_ = 0;
  count_to_ = taken_over->last_sequence;
  has_counted_ = false;
  if (lost) events_.SpoolFileReplaced(taken_over->copied);
  events_.SpoolOpened(options_.path);
  return taken_over->bytes;
}

std::optional<std::size_t> SpoolWriter::CannotOpen(const common::Error& error) {
  state_ = State::kClosed;
  LeaveUncounted();
  events_.SpoolCannotBeOpened(options_.path, error.detail, error.code == "damaged");
  return std::nullopt;
}

/// Moves all of the log into the table: a log that is still at its path would be taken for that of
/// another file, and one that is not would be lost.
common::Result<void> SpoolWriter::PrepareToLeave() {
  if (auto settled = database_->SettleLog(); !settled) return settled;
  if (database_->FindPlace() != Place::kLogReplaced) return {};
  return LogOfAnother();
}

/// Unless one of the two at the path was exchanged without the other: SQLite would move the log's
/// frames into a file that they have never been of. A damaged file leaves such a log, and one whose
/// log could not be settled.
common::Result<std::unique_ptr<SpoolDatabase>> SpoolWriter::OpenAtPath() {
  const SpoolFiles there = FilesAt(options_.path);
  if (HasLogAt(options_.path) && AreMixed(seen_, there)) return LogOfAnother();
  if (there.file) seen_ = there;
  auto opened = SpoolDatabase::Open(options_);
  if (opened) seen_ = (*opened)->files();
  return opened;
}

/// Makes `opened` the one that is written, with what is in the `lost` one; that may be null.
common::Result<SpoolWriter::TakenOver> SpoolWriter::TakeOver(
    SpoolDatabase& opened, SpoolDatabase* lost, const std::vector<std::int64_t>& to_remove) {
  TakenOver taken{.base = base_};
  if (const auto settled = opened.SettleLog(); !settled) return settled.error();
  if (lost != nullptr) {
    const auto last = lost->LastSequence();
    if (!last) return last.error();
    taken.base += std::max(last_sequence_, *last);
    const auto copied = Copy(*lost, opened, to_remove);
    if (!copied) return copied.error();
    taken.copied = *copied;
  } else if (const auto removed = opened.Remove(to_remove); !removed) {
    return removed.error();
  }
  const auto last = opened.LastSequence();
  if (!last) return last.error();
  taken.last_sequence = *last;
  const auto bytes = opened.UsedBytes();
  if (!bytes) return bytes.error();
  taken.bytes = *bytes;
  return taken;
}

std::vector<std::int64_t> SpoolWriter::InFile(std::span<const std::int64_t> sequences) const {
  std::vector<std::int64_t> in_file;
  in_file.reserve(sequences.size());
  for (const std::int64_t sequence : sequences) {
    if (IsOfThisFile(sequence)) in_file.push_back(sequence - base_);
  }
  return in_file;
}

void SpoolWriter::Note(const common::Error& error) {
  events_.SpoolFailed(error.detail);
  if (state_ == State::kDamaged) return;
  const bool can_be_written_again = error.remedy == common::Remedy::kRetry;
  if (!can_be_written_again) {
    state_ = State::kClosed;
  } else if (state_ == State::kGood) {
    state_ = State::kUnwritten;
  }
}

void SpoolWriter::NoteDamage(const common::Error& error) {
  if (std::exchange(state_, State::kDamaged) != State::kDamaged) {
    LeaveUncounted();
    events_.SpoolDamaged(error.detail);
  }
}

/// Nothing is counted any more, but all that can be read is replayed.
void SpoolWriter::LeaveUncounted() {
  if (!database_) return;
  has_counted_ = true;
  if (const auto last = database_->LastSequence()) {
    last_sequence_ = std::max(last_sequence_, *last);
  }
}

}  // namespace ingest
