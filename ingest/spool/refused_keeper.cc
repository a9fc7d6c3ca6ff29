#include "ingest/spool/refused_keeper.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "ingest/events.h"

namespace ingest {
namespace {

/// Of one commit.
constexpr std::size_t kMostRecords = 500;
constexpr std::size_t kMostBytes = 4ULL * 1024 * 1024;

}  // namespace

RefusedKeeper::RefusedKeeper(const SpoolDatabase::Options& spool, Events& events)
    : file_(RefusedCallbacks::PathBeside(spool.path), spool.vfs), events_(events) {}

void RefusedKeeper::Add(std::vector<Replay::Refused> refused) {
  if (refused.empty()) return;
  waiting_.insert(waiting_.end(), std::make_move_iterator(refused.begin()),
                  std::make_move_iterator(refused.end()));
  must_try_ = true;
}

std::vector<Replay::Done> RefusedKeeper::Keep(SpoolWriter& spool) {
  std::vector<Replay::Done> kept;
  while (must_try_ && !waiting_.empty()) {
    std::vector<Replay::Done> batch;
    std::size_t count = 0;
    const std::vector<RefusedCallback> callbacks = ReadBatch(spool, batch, count);
    if (!callbacks.empty()) {
      if (const auto stored = file_.Keep(callbacks); !stored) {
        must_try_ = false;
        events_.SpoolFailed(stored.error().detail);
        return kept;
      }
      Retain(callbacks);
      events_.CallbacksRefused(callbacks.size(), callbacks.front().envelope.request_id,
                               callbacks.front().reason, file_.path());
      // What was moved back and is refused again is in the file by right: it must stay there.
      for (const RefusedCallback& callback : callbacks) {
        std::erase(moved_back_, callback.envelope.request_id);
      }
    } else if (count == 0) {
      must_try_ = false;
      return kept;
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
    std::ranges::move(batch, std::back_inserter(kept));
    Publish();
  }
  return kept;
}

/// Of the first `count` that wait; those that the spool does not hold any more are left out.
std::vector<RefusedCallback> RefusedKeeper::ReadBatch(SpoolWriter& spool,
                                                      std::vector<Replay::Done>& kept,
                                                      std::size_t& count) {
  std::vector<RefusedCallback> callbacks;
  std::size_t bytes = 0;
  for (const Replay::Refused& refused : waiting_) {
    if (count == kMostRecords || (count > 0 && bytes + refused.callback.size > kMostBytes)) break;
    auto read = spool.Read(refused.callback.sequence);
    if (!read) {
      events_.SpoolFailed(read.error().detail);
      break;
    }
    ++count;
    bytes += refused.callback.size;
    if (!*read) continue;
    callbacks.push_back({.envelope = std::move((*read)->envelope),
                         .refused_at = common::WallNow(),
                         .reason = refused.reason});
    kept.push_back(refused.callback);
  }
  return callbacks;
}

void RefusedKeeper::MoveBack(SpoolWriter& spool, SpoolInbox& inbox) {
  must_try_ = true;
  const auto counts = file_.Count();
  if (!counts) {
    if (counts.error().code != "busy") events_.SpoolFailed(counts.error().detail);
    return;
  }
  events_.RefusedCallbacks(counts->records);
  if (!ForgetMovedBack() || counts->to_be_retried == 0 || !inbox.HasRoom()) return;
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
