#include "ingest/spool/spool_inbox.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/base/reserve.h"

namespace ingest {
namespace {

/// Limits of one commit, so that the first of many callbacks does not wait for the last.
constexpr std::size_t kMostPerCommit = 2000;
constexpr std::size_t kMostBytesPerCommit = 16ULL * 1024 * 1024;

SpoolInbox::Callbacks TakeFirst(SpoolInbox::Callbacks& from, std::size_t count) {
  if (count == from.numbers.size()) return std::exchange(from, {});
  SpoolInbox::Callbacks taken;
  taken.callbacks.reserve(count);
  taken.numbers.reserve(count);
  const auto end = from.callbacks.begin() + static_cast<std::ptrdiff_t>(count);
  taken.callbacks.assign(std::make_move_iterator(from.callbacks.begin()),
                         std::make_move_iterator(end));
  from.callbacks.erase(from.callbacks.begin(), end);
  const auto last = from.numbers.begin() + static_cast<std::ptrdiff_t>(count);
  taken.numbers.assign(from.numbers.begin(), last);
  from.numbers.erase(from.numbers.begin(), last);
  return taken;
}

}  // namespace

SpoolInbox::SpoolInbox(const SpoolBounds& bounds, const LoadBounds& queue,
                       const common::ProviderTable& providers, Now now)
    : bounds_(bounds),
      queue_bounds_(queue),
      providers_(providers),
      now_(std::move(now)),
      ledger_(providers) {}

bool SpoolInbox::Offer(CallbackNumber number, common::Envelope&& envelope) {
  const std::size_t size = SizeInSpool(envelope);
  const std::size_t body = envelope.body.size();
  const SpoolLedger::Row row = providers_.Resolve(envelope.provider);
  {
    const std::lock_guard lock(mutex_);
    if (!MayTake() || !Fits(size, ledger_.fill(), bounds_)) return false;
    if (queued_.numbers.size() >= queue_bounds_.max_requests || body > queue_bounds_.max_bytes ||
        queued_bytes_ > queue_bounds_.max_bytes - body) {
      return false;
    }
    // Adds both or neither: a number beside another callback would answer 200 for an unstored one.
    common::ReserveMore(queued_.callbacks, 1);
    common::ReserveMore(queued_.numbers, 1);
    ledger_.Queued(row, size);
    queued_bytes_ += body;
    queued_.callbacks.push_back({.size = size, .envelope = std::move(envelope)});
    queued_.numbers.push_back(number);
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
  return MayTake() && ingest::HasRoom(ledger_.fill(), bounds_);
}

bool SpoolInbox::MayTake() const { return !is_closed_ && is_writable_ && !IsLongAgo(asked_at_); }

bool SpoolInbox::IsStalled() const {
  const std::lock_guard lock(mutex_);
  return IsLongAgo(asked_at_);
}

void SpoolInbox::DiskHasAnswered() {
  const std::lock_guard lock(mutex_);
  if (asked_at_) asked_at_ = now_();
}

bool SpoolInbox::IsLongAgo(const std::optional<TimePoint>& since) const {
  return since && now_() - *since > bounds_.commits_within;
}

bool SpoolInbox::Holds(std::string_view provider) const {
  const SpoolLedger::Row row = providers_.Resolve(provider);
  const std::lock_guard lock(mutex_);
  return ledger_.Holds(row);
}

std::optional<Spool::Stalled> SpoolInbox::FindStalled() const {
  const std::lock_guard lock(mutex_);
  if (!IsLongAgo(away_since_)) return std::nullopt;
  const std::uint64_t first = taken_ - storing_->numbers.size();  // Taken before those being
                                                                  // stored.
  const std::uint64_t passed = std::max(handed_over_to_, first);
  const Callbacks& among = passed < taken_ ? *storing_ : queued_;
  const auto index = static_cast<std::size_t>(passed - (passed < taken_ ? first : taken_));
  if (index >= among.numbers.size()) return std::nullopt;
  return Spool::Stalled{.ticket = passed + 1,
                        .number = among.numbers[index],
                        .envelope = among.callbacks[index].envelope};
}

void SpoolInbox::HandedOver(std::uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  handed_over_to_ = ticket;
}

std::size_t SpoolInbox::handed_over() const {
  const std::lock_guard lock(mutex_);
  const std::size_t count = storing_->numbers.size();
  const std::uint64_t first = taken_ - count;
  return handed_over_to_ <= first ? 0 : std::min<std::size_t>(handed_over_to_ - first, count);
}

SpoolInbox::Taken SpoolInbox::Take(common::Deadline deadline) {
  std::unique_lock lock(mutex_);
  away_since_.reset();
  asked_at_.reset();
  woken_.wait_until(lock, deadline.at(),
                    [&] { return !queued_.numbers.empty() || !reports_.empty() || is_closed_; });
  Taken taken;
  taken.reports.swap(reports_);
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (const SpooledCallback& callback : queued_.callbacks) {
    if (count == kMostPerCommit) break;
    if (count > 0 && bytes + callback.size > kMostBytesPerCommit) break;
    bytes += callback.size;
    queued_bytes_ -= callback.envelope.body.size();
    ++count;
  }
  taken.queued = std::make_shared<Callbacks>();
  *taken.queued = TakeFirst(queued_, count);
  storing_ = taken.queued;
  taken_ += count;
  taken.is_last = is_closed_ && queued_.numbers.empty();
  away_since_ = asked_at_ = now_();
  return taken;
}

void SpoolInbox::SetWritable(bool is_writable) {
  const std::lock_guard lock(mutex_);
  is_writable_ = is_writable;
}

void SpoolInbox::Recount(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  ledger_.Recount(bytes);
  for (const SpooledCallback& callback : queued_.callbacks) {
    ledger_.Queued(callback.envelope.provider, callback.size);
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
