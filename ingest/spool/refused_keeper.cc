#include "ingest/spool/refused_keeper.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "ingest/spool/spool_events.h"

namespace ingest {
namespace {

/// Limits of one commit.
constexpr std::size_t kMostRecords = 500;
constexpr std::size_t kMostBytes = 4ULL * 1024 * 1024;

}  // namespace

RefusedKeeper::RefusedKeeper(const SpoolDatabase::Options& spool, SpoolEvents& events)
    : file_(RefusedCallbacks::PathBeside(spool.path), spool.vfs), events_(events) {}

void RefusedKeeper::Add(const std::vector<Replay::Refused>& refused) {
  if (refused.empty()) return;
  for (const Replay::Refused& one : refused) waiting_[one.reason].Insert(one.callback.sequence);
  must_try_ = true;
}

std::size_t RefusedKeeper::waiting() const {
  std::size_t count = 0;
  for (const Rows* rows : {&waiting_, &unread_}) {
    for (const auto& [reason, of_it] : *rows) count += of_it.size();
  }
  return count;
}

void RefusedKeeper::StartOver(std::int64_t gone) {
  moved_back_.clear();
  for (Rows* rows : {&waiting_, &unread_}) {
    for (auto& [reason, of_it] : *rows) of_it.Erase({.from = 0, .to = gone});
    std::erase_if(*rows, [](const auto& of_reason) { return of_reason.second.empty(); });
  }
}

std::vector<std::int64_t> RefusedKeeper::Keep(SpoolWriter& spool, common::Deadline deadline) {
  std::vector<std::int64_t> kept;
  while (must_keep()) {
    const Batch batch = ReadBatch(spool);
    if (!batch.callbacks.empty()) {
      if (const auto stored = file_.Keep(batch.callbacks); !stored) {
        must_try_ = false;
        events_.SpoolFailed(stored.error().detail);
        break;
      }
      Retain(batch.callbacks);
      events_.CallbacksRefused(batch.callbacks.size(), batch.callbacks.front().envelope.request_id,
                               batch.reason, file_.path());
    }
    // The next batch may fail in the same way, so once a second is enough.
    if (batch.unread.size() == batch.rows.size()) must_try_ = false;
    Passed(batch);
    std::ranges::copy(batch.kept, std::back_inserter(kept));
    Publish();
    if (deadline.HasPassed()) break;
  }
  return kept;
}

/// Reads the first rows of one reason that the spool still holds.
RefusedKeeper::Batch RefusedKeeper::ReadBatch(SpoolWriter& spool) {
  const auto& [reason, waiting] = *waiting_.begin();
  Batch batch{.reason = reason};
  std::size_t bytes = 0;
  for (const SequenceRange& range : waiting.First(kMostRecords)) {
    for (std::int64_t row = range.from; row <= range.to; ++row) {
      if (bytes >= kMostBytes) return batch;
      batch.rows.push_back(row);
      auto read = spool.Read(row);
      if (!read) {
        if (batch.unread.empty()) events_.SpoolFailed(read.error().detail);
        batch.unread.push_back(row);
        continue;
      }
      if (!*read) continue;
      bytes += (*read)->size;
      batch.callbacks.push_back({.envelope = std::move((*read)->envelope),
                                 .refused_at = common::WallNow(),
                                 .reason = reason});
      batch.kept.push_back(row);
    }
  }
  return batch;
}

void RefusedKeeper::Passed(const Batch& batch) {
  const auto waiting = waiting_.find(batch.reason);
  for (const std::int64_t row : batch.rows) waiting->second.Erase({.from = row, .to = row});
  if (waiting->second.empty()) waiting_.erase(waiting);
  for (const std::int64_t row : batch.unread) unread_[batch.reason].Insert(row);
}

void RefusedKeeper::Maintain(SpoolWriter& spool, SpoolInbox& inbox) {
  must_try_ = true;
  if (waiting_.empty()) waiting_.swap(unread_);
  const auto counts = file_.Count();
  if (!counts) {
    if (counts.error().code == "busy") return;
    events_.RefusedCallbacks(std::nullopt);
    events_.SpoolFailed(counts.error().detail);
    return;
  }
  if (counts->were_added) events_.RefusedCallbacksUpgraded(file_.path(), counts->records);
  events_.RefusedCallbacks(counts->records);
  if (!spool.is_writable() || !ForgetMovedBack()) return;
  if (counts->to_be_retried > 0 && inbox.HasRoom()) MoveBack(spool, inbox);
}

void RefusedKeeper::MoveBack(SpoolWriter& spool, SpoolInbox& inbox) {
  std::vector<SpooledCallback> callbacks;
  std::size_t bytes = 0;
  const auto read = file_.ForEach({.only_to_be_retried = true}, [&](RefusedCallback refused) {
    SpooledCallback callback{.envelope = std::move(refused.envelope)};
    callback.size = SizeInSpool(callback.envelope);
    bytes += callback.size;
    callbacks.push_back(std::move(callback));
    return callbacks.size() < kMostRecords && bytes < kMostBytes;
  });
  if (!read) {
    events_.SpoolFailed(read.error().detail);
    return;
  }
  if (callbacks.empty()) return;
  const SpoolWriter::Stored stored = spool.Store(callbacks);
  if (stored == SpoolWriter::Stored::kNo) return;
  inbox.WithLedger([&](SpoolLedger& ledger) {
    for (const SpooledCallback& callback : callbacks) {
      ledger.Queued(callback.envelope.provider, callback.size);
    }
  });
  // The spool's file may be lost with this process, so the callbacks stay in the refused file.
  if (stored == SpoolWriter::Stored::kFileLost) return;
  for (const SpooledCallback& callback : callbacks) {
    moved_back_.push_back(callback.envelope.request_id);
  }
  events_.RefusedCallbacksMovedBack(callbacks.size());
  if (ForgetMovedBack()) Publish();
}

/// Keeps callbacks that were refused again before they left the file, because only the file has
/// them.
void RefusedKeeper::Retain(const std::vector<RefusedCallback>& refused_again) {
  std::erase_if(moved_back_, [&](const std::string& request_id) {
    return std::ranges::any_of(refused_again, [&](const RefusedCallback& refused) {
      return refused.envelope.request_id == request_id;
    });
  });
}

bool RefusedKeeper::ForgetMovedBack() {
  if (moved_back_.empty()) return true;
  if (const auto removed = file_.Remove(moved_back_); !removed) {
    events_.SpoolFailed(removed.error().detail);
    return false;
  }
  moved_back_.clear();
  return true;
}

void RefusedKeeper::Publish() {
  if (const auto counts = file_.Count()) events_.RefusedCallbacks(counts->records);
}

}  // namespace ingest
