// Opens the spool's file, and takes over the callbacks of a file that is no longer at its path.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "ingest/spool/spool_copy.h"
#include "ingest/spool/spool_events.h"
#include "ingest/spool/spool_writer.h"

namespace ingest {
namespace {

using Place = SpoolDatabase::Place;

/// A disk that fails for a moment costs nothing: no callback is left behind, and no log unsettled.
constexpr int kPatience = 3;
/// Calls of Maintain() between two copies without room.
constexpr int kLongestCopyWait = 60;

}  // namespace

std::optional<std::size_t> SpoolWriter::OpenAnew(const Which& is_removable) {
  if (copy_waits_ > 0) {
    --copy_waits_;
    return std::nullopt;
  }
  std::unique_ptr<SpoolDatabase> lost;
  if (database_ && is_file_lost_) {
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
    // Known sequences belong to the other file.
    base_ += std::exchange(last_, {.known = 0}).Bound();
    file_ = file;
  }
  const auto taken_over = TakeOver(**opened, lost.get(), is_removable);
  if (!taken_over) {
    // An unwritable file may still be readable.
    database_ = lost ? std::move(lost) : *std::move(opened);
    return CannotOpen(taken_over.error());
  }
  database_ = *std::move(opened);
  file_ = database_->files().file;
  state_ = State::kGood;
  is_file_lost_ = false;
  was_damaged_ = false;
  unsettled_ = 0;
  unread_copies_ = 0;
  copy_waits_next_ = 1;
  log_stays_long_ = false;
  base_ = taken_over->base;
  last_.known = std::max(lost ? 0 : last_.known.value_or(0), taken_over->last_sequence);
  count_ = SpoolCount(taken_over->last_sequence);
  if (lost) events_.SpoolFileReplaced(taken_over->copied.records, taken_over->copied.unreadable);
  events_.SpoolOpened(options_.path);
  return taken_over->bytes;
}

std::optional<std::size_t> SpoolWriter::CannotOpen(const common::Error& error) {
  state_ = State::kClosed;
  ForgetUncounted();
  events_.SpoolCannotBeOpened(options_.path, error.detail, error.code == "damaged");
  return std::nullopt;
}

/// Moves the whole log into the table: a log that is still at its path would be applied to another
/// file, and one that is not would be lost.
///
/// A dead disk refuses that for ever. If file and log have both left the path, nothing is lost: the
/// open connection still reads the log for the copy, and it stays where its file is.
common::Result<void> SpoolWriter::PrepareToLeave() {
  // Nothing is written to a damaged file or its log.
  if (was_damaged_) return {};
  if (auto settled = database_->SettleLog(); !settled) {
    const bool is_all_gone = database_->FindPlace() == Place::kGone && !HasLogAtPath();
    if (++unsettled_ < kPatience || !is_all_gone) return settled;
    events_.SpoolFailed(settled.error().detail);
    return {};
  }
  unsettled_ = 0;
  if (database_->FindPlace() != Place::kLogReplaced) return {};
  return ForeignLogError();
}

/// True if the open file's log is still at its path.
bool SpoolWriter::HasLogAtPath() const {
  return FilesAt(options_.path).log == database_->files().log;
}

/// Opens the file at the path, unless file or log was replaced without the other: SQLite would
/// apply the log's frames to the wrong file. A damaged file leaves such a log, and so does a file
/// whose log could not be settled.
common::Result<std::unique_ptr<SpoolDatabase>> SpoolWriter::OpenAtPath() {
  const SpoolFiles there = FilesAt(options_.path);
  if (HasLogAt(options_.path) && AreMixed(seen_, there)) return ForeignLogError();
  if (there.file) seen_ = there;
  auto opened = SpoolDatabase::Open(options_);
  if (opened) {
    seen_ = (*opened)->files();
  } else if (opened.error().code == "in_use") {
    seen_ = {};  // Its owner may create another log.
  }
  return opened;
}

/// Makes `opened` the written file, with the content of `lost`, which may be null.
common::Result<SpoolWriter::Takeover> SpoolWriter::TakeOver(SpoolDatabase& opened,
                                                            SpoolDatabase* lost,
                                                            const Which& is_removable) {
  Takeover taken{.base = base_};
  if (const auto settled = opened.SettleLog(); !settled) return settled.error();
  seen_ = opened.files();  // It may have another log by now.
  if (lost != nullptr) {
    const LastSequence last = LastSequenceOf(*lost);
    taken.base += last.Bound();
    const auto copied = CopyLost(opened, *lost, last, is_removable);
    if (!copied) return copied.error();
    taken.copied = *copied;
  }
  const auto last = opened.LastSequence();
  if (!last) return last.error();
  taken.last_sequence = *last;
  const auto bytes = opened.UsedBytes();
  if (!bytes) return bytes.error();
  taken.bytes = *bytes;
  return taken;
}

common::Result<Copied> SpoolWriter::CopyLost(SpoolDatabase& opened, SpoolDatabase& lost,
                                             LastSequence last, const Which& is_removable) {
  CopyOptions options{.left_out = InFile(is_removable),
                      .last = last,
                      .max_bytes = SIZE_MAX,
                      .leaves_unreadable = was_damaged_ || unread_copies_ >= kPatience};
  if (room_for_copy_) {
    const auto there = opened.LastSequence();
    const auto used = opened.UsedBytes();
    if (!there) return there.error();
    if (!used) return used.error();
    options.max_bytes = room_for_copy_(*there == 0 ? 0 : *used);
  }
  auto copied = CopySpool(lost, opened, options);
  if (copied) return copied;
  if (copied.error().code == "no_room") {
    copy_waits_ = std::exchange(copy_waits_next_, std::min(2 * copy_waits_next_, kLongestCopyWait));
  } else {
    ++unread_copies_;
  }
  return copied;
}

LastSequence SpoolWriter::LastSequenceOf(SpoolDatabase& database) const {
  const std::int64_t stored = last_.known.value_or(0);
  if (const auto last = database.LastSequence()) return {.known = std::max(stored, *last)};
  return stored > 0 ? last_ : LastSequence{};
}

}  // namespace ingest
