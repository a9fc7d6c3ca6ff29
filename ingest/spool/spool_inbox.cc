#include "ingest/spool/spool_inbox.h"

#include <algorithm>
#include <iterator>

namespace ingest {
namespace {

/// Of one commit, so that the first of many callbacks does not wait for the last one.
constexpr std::size_t kMostPerCommit = 2000;
constexpr std::size_t kMostBytesPerCommit = 16ULL * 1024 * 1024;

}  // namespace

SpoolInbox::SpoolInbox(const SpoolBounds& bounds, const LoadBounds& queue)
    : bounds_(bounds), queue_bounds_(queue) {}

bool SpoolInbox::Offer(CallbackNumber number, common::Envelope envelope) {
  const std::size_t size = SizeInSpool(envelope);
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_ || !is_writable_ || !Fits(size, ledger_.fill(), bounds_)) return false;
    if (queued_.size() >= queue_bounds_.max_requests || size > queue_bounds_.max_bytes ||
        queued_bytes_ > queue_bounds_.max_bytes - size) {
      return false;
    }
    ledger_.Queued(envelope.provider, size);
    queued_bytes_ += size;
    queued_.push_back({number, {.size = size, .envelope = std::move(envelope)}});
  }
  woken_.notify_one();
  return true;
}

void SpoolInbox::AddReports(std::span<const StorageReport> reports) {
  {
    const std::lock_guard lock(mutex_);
    reports_.insert(reports_.end(), reports.begin(), reports.end());
  }
  woken_.notify_one();
}

bool SpoolInbox::HasRoom() const {
  const std::lock_guard lock(mutex_);
  return !is_closed_ && is_writable_ && ingest::HasRoom(ledger_.fill(), bounds_);
}

bool SpoolInbox::Holds(std::string_view provider) const {
  const std::lock_guard lock(mutex_);
  return ledger_.Holds(provider);
}

SpoolInbox::Taken SpoolInbox::Take(common::Deadline deadline) {
  std::unique_lock lock(mutex_);
  woken_.wait_until(lock, deadline.at(),
                    [&] { return !queued_.empty() || !reports_.empty() || is_closed_; });
  Taken taken;
  taken.reports.swap(reports_);
  std::size_t count = 0;
  for (std::size_t bytes = 0; count < std::min(queued_.size(), kMostPerCommit); ++count) {
    bytes += queued_[count].callback.size;
    if (count > 0 && bytes > kMostBytesPerCommit) break;
    queued_bytes_ -= queued_[count].callback.size;
  }
  const auto end = queued_.begin() + static_cast<std::ptrdiff_t>(count);
  taken.callbacks.assign(std::make_move_iterator(queued_.begin()), std::make_move_iterator(end));
  queued_.erase(queued_.begin(), end);
  taken.is_last = is_closed_ && queued_.empty();
  return taken;
}

void SpoolInbox::SetWritable(bool is_writable) {
  const std::lock_guard lock(mutex_);
  is_writable_ = is_writable;
}

void SpoolInbox::Recount(const SpoolHoldings& holdings) {
  const std::lock_guard lock(mutex_);
  ledger_.Recounted(holdings);
  for (const Queued& queued : queued_) {
    ledger_.Queued(queued.callback.envelope.provider, queued.callback.size);
  }
}

void SpoolInbox::Close() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  woken_.notify_one();
}

}  // namespace ingest
