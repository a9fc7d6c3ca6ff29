#include "ingest/spool/spool_writer.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/spool/spool_events.h"

namespace ingest {

namespace {

/// Limit of one scan, because new callbacks wait for it.
constexpr std::chrono::milliseconds kScansFor{20};
}  // namespace

SpoolWriter::SpoolWriter(SpoolDatabase::Options options, SpoolEvents& events,
                         RoomForCopy room_for_copy, FoundLate found_late)
    : options_(std::move(options)),
      events_(events),
      room_for_copy_(std::move(room_for_copy)),
      found_late_(std::move(found_late)) {}

SpoolWriter::Stored SpoolWriter::Store(std::span<SpooledCallback> callbacks) {
  if (!is_writable()) return Stored::kNo;
  std::int64_t sequence = last_.Bound();
  for (SpooledCallback& callback : callbacks) callback.sequence = ++sequence;
  if (const auto stored = database_->Append(callbacks); !stored) {
    common::Error error = stored.error();
    // The row's future place is unreadable, so a retry would fail, too.
    if (error.code == "unreadable") error.remedy = common::Remedy::kAbort;
    Note(error);
    return Stored::kNo;
  }
  last_.known = sequence;
  return DetectFileLoss() ? Stored::kFileLost : Stored::kYes;
}

common::Result<SpoolHoldings::Amount> SpoolWriter::Remove(std::span<const SequenceRange> rows) {
  if (!is_writable()) return common::Error{common::Remedy::kRetry, "closed", "remove"};
  std::vector<SequenceRange> in_file;
  in_file.reserve(rows.size());
  for (const SequenceRange& range : rows) {
    in_file.push_back({.from = range.from - base_, .to = range.to - base_});
  }
  SpoolHoldings::Amount counted;
  const auto removed = database_->Remove(in_file, [&](std::int64_t sequence, std::size_t size) {
    if (count_.Knows(sequence)) counted.Add(size);
  });
  if (removed) return counted;
  // A disk too full for this may still have room for a callback.
  if (removed.error().remedy != common::Remedy::kRetry) Note(removed.error());
  return removed.error();
}

void SpoolWriter::ShortenLog() {
  if (!is_writable() || log_stays_long_) return;
  if (const auto shortened = database_->ShortenLog(); !shortened) {
    log_stays_long_ = true;
    // The commit itself is synced.
    if (shortened.error().remedy != common::Remedy::kRetry) Note(shortened.error());
  }
}

SpoolWriter::Scanned SpoolWriter::Scan(std::int64_t from, std::int64_t to, std::size_t most,
                                       const Visit& visit) {
  if (!database_) {
    return {.passed = from - 1,
            .error = common::Error{common::Remedy::kRetry, "closed", "scan: no file is open"}};
  }
  auto scanned = database_->Scan(from - base_, to - base_, most, common::Deadline::After(kScansFor),
                                 [&](const SpoolDatabase::Row& row) {
                                   const std::int64_t sequence = row.sequence + base_;
                                   if (count_.FindLate(row.sequence) && found_late_) {
                                     found_late_(sequence, row.provider, row.size);
                                   }
                                   visit(sequence, row.key, row.size);
                                 });
  if (scanned.error) static_cast<void>(NoteUnread(*scanned.error));
  return {.passed = scanned.passed + base_, .error = std::move(scanned.error)};
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

SpoolWriter::CountedPart SpoolWriter::CountOn(common::Deadline deadline, const Which& is_done) {
  SpoolCount::Part part = count_.GoOn(*database_, deadline, InFile(is_done));
  if (part.error && part.error->code == "damaged") {
    NoteDamage(*part.error);
    return {};
  }
  if (part.error) events_.SpoolFailed(part.error->detail);
  return {.holdings = std::move(part.holdings), .is_last = count_.is_done()};
}

std::optional<std::size_t> SpoolWriter::Maintain(const Which& is_removable) {
  count_.TryAgain();
  if (!DetectFileLoss()) {
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
        return OpenAnew(is_removable);
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
  return OpenAnew(is_removable);
}

bool SpoolWriter::DetectFileLoss() {
  if (!database_) return false;
  const auto place = database_->FindPlace();
  if (place == SpoolDatabase::Place::kRight) {
    is_file_lost_ = false;
    return false;
  }
  if (!std::exchange(is_file_lost_, true))
    events_.SpoolFileLost(place == SpoolDatabase::Place::kGone);
  if (state_ == State::kDamaged) was_damaged_ = true;
  // The file is at its path: its readable callbacks are searched for again.
  if (was_damaged_ && place != SpoolDatabase::Place::kGone) database_.reset();
  state_ = State::kClosed;
  return true;
}

SpoolWriter::Which SpoolWriter::InFile(const Which& which) const {
  if (!which) return {};
  return [&which, base = base_](std::int64_t sequence) { return which(sequence + base); };
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
    ForgetUncounted();
    events_.SpoolDamaged(error.detail);
  }
}

/// Stops counting, but replays everything readable.
void SpoolWriter::ForgetUncounted() {
  if (!database_) return;
  count_.End();
  last_ = LastSequenceOf(*database_);
}

}  // namespace ingest
