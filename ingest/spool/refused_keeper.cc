#include "ingest/spool/refused_keeper.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "ingest/spool/spool_events.h"

namespace ingest {
namespace {

/// Of one commit.
constexpr std::size_t kMostRecords = 500;
constexpr std::size_t kMostBytes = 4ULL * 1024 * 1024;

}  // namespace

RefusedKeeper::RefusedKeeper(const SpoolDatabase::Options& spool, SpoolEvents& events)
    : file_(RefusedCallbacks::PathBeside(spool.path), spool.vfs), events_(events) {}

void RefusedKeeper::Add(std::vector<Replay::Refused> refused) {
  if (refused.empty()) return;
  waiting_.insert(waiting_.end(), std::make_move_iterator(refused.begin()),
                  std::make_move_iterator(refused.end()));
  must_try_ = true;
}

std::vector<Replay::Done> RefusedKeeper::Keep(SpoolWriter& spool) {
  std::vector<Replay::Done> kept;
  std::vector<Replay::Refused> unread;
  while (must_try_ && !waiting_.empty()) {
    Batch batch = ReadBatch(spool);
    if (!batch.callbacks.empty()) {
      if (const auto stored = file_.Keep(batch.callbacks); !stored) {
        must_try_ = false;
        events_.SpoolFailed(stored.error().detail);
        break;
      }
      Retain(batch.callbacks);
      events_.CallbacksRefused(batch.callbacks.size(), batch.callbacks.front().envelope.request_id,
                               batch.callbacks.front().reason, file_.path());
    }
    // The next batch might be like it: once a second is enough.
    if (batch.unread.size() == batch.count) must_try_ = false;
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(batch.count));
    std::ranges::move(batch.kept, std::back_inserter(kept));
    std::ranges::move(batch.unread, std::back_inserter(unread));
    Publish();
  }
  if (!unread.empty()) must_try_ = false;
  std::ranges::move(unread, std::back_inserter(waiting_));
  return kept;
}

/// Of the first that wait; those that the spool does not hold any more are left out.
RefusedKeeper::Batch RefusedKeeper::ReadBatch(SpoolWriter& spool) {
  Batch batch;
  std::size_t bytes = 0;
  for (const Replay::Refused& refused : waiting_) {
    if (batch.count == kMostRecords) break;
    if (batch.count > 0 && bytes + refused.callback.size > kMostBytes) break;
    ++batch.count;
    auto read = spool.Read(refused.callback.sequence);
    if (!read) {
      if (batch.unread.empty()) events_.SpoolFailed(read.error().detail);
      batch.unread.push_back(refused);
      continue;
    }
    bytes += refused.callback.size;
    if (!*read) continue;
    batch.callbacks.push_back({.envelope = std::move((*read)->envelope),
                               .refused_at = common::WallNow(),
                               .reason = refused.reason});
    batch.kept.push_back(refused.callback);
  }
  return batch;
}

void RefusedKeeper::Maintain(SpoolWriter& spool, SpoolInbox& inbox) {
  must_try_ = true;
  const auto counts = file_.Count();
  if (!counts) {
    if (counts.error().code != "busy") events_.SpoolFailed(counts.error().detail);
    return;
  }
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
  // Its file may be lost with this process: they stay in their own one.
  if (stored == SpoolWriter::Stored::kAstray) return;
  for (const SpooledCallback& callback : callbacks) {
    moved_back_.push_back(callback.envelope.request_id);
  }
  events_.RefusedCallbacksMovedBack(callbacks.size());
  if (ForgetMovedBack()) Publish();
}

/// Those that were refused again before they had left the file: it is the only one to hold them.
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
