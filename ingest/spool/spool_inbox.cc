#include "ingest/spool/spool_inbox.h"

#include <algorithm>
#include <utility>

namespace ingest {
namespace {

/// Limits of one commit, so that the first of many callbacks does not wait for the last.
constexpr std::size_t kMostPerCommit = 2000;
constexpr std::size_t kMostBytesPerCommit = 16ULL * 1024 * 1024;

/// After a failed commit, so that 2,000 callbacks take four attempts to find the one that fails.
constexpr std::size_t kFewerAfterFailure = 16;

}  // namespace

SpoolInbox::SpoolInbox(const SpoolBounds& bounds, const LoadBounds& queue,
                       const common::ProviderTable& providers, Now now)
    : bounds_(bounds),
      queue_bounds_(queue),
      providers_(providers),
      now_(std::move(now)),
      most_per_commit_(kMostPerCommit),
      ledger_(providers) {}

bool SpoolInbox::Offer(CallbackNumber number, common::Envelope&& envelope, Need need) {
  const std::size_t size = SizeInSpool(envelope);
  const std::size_t body = envelope.body.size();
  const SpoolLedger::Row row = providers_.Resolve(envelope.provider);
  {
    const std::lock_guard lock(mutex_);
    const bool has_room = need == Need::kOrdinary
                              ? MayTake() && Fits(size, ledger_.fill(), bounds_)
                              : !is_closed_ && MayFit(size, ledger_.fill(), bounds_);
    if (!has_room) return false;
    MakePlace(body);
    if (!HasPlace(body)) return false;
    Queued& queued = queued_.emplace_back();
    // Nothing fails from here on: an entry without its callback would answer 200 for another one.
    ledger_.Queued(row, size);
    queued_bytes_ += body;
    queued.callback.size = size;
    queued.callback.envelope = std::move(envelope);
    queued.number = number;
    queued.ticket = {.number = ++last_ticket_, .since = now_()};
  }
  woken_.notify_one();
  return true;
}

bool SpoolInbox::HasPlace(std::size_t body) const {
  return queued_.size() < queue_bounds_.max_requests && body <= queue_bounds_.max_bytes &&
         queued_bytes_ <= queue_bounds_.max_bytes - body;
}

/// Their deadlines have answered the callbacks that it drops.
void SpoolInbox::MakePlace(std::size_t body) {
  if (body > queue_bounds_.max_bytes) return;
  while (!queued_.empty() && !HasPlace(body)) {
    const Queued& oldest = queued_.front();
    if (now_() - oldest.ticket.since <= kSendersWait) return;
    ledger_.Dropped(oldest.callback.envelope.provider, oldest.callback.size);
    queued_bytes_ -= oldest.callback.envelope.body.size();
    queued_.pop_front();
  }
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
  if (is_writable_ && !IsLongAgo(away_since_)) return std::nullopt;
  const auto& tickets = storing_->tickets;
  const auto being_stored = std::ranges::upper_bound(tickets, handed_over_to_, {}, &Ticket::number);
  if (being_stored != tickets.end()) {
    const auto index = static_cast<std::size_t>(being_stored - tickets.begin());
    return Spool::Stalled{.ticket = being_stored->number,
                          .number = storing_->numbers[index],
                          .envelope = storing_->callbacks[index].envelope};
  }
  const auto queued = std::ranges::upper_bound(
      queued_, handed_over_to_, {}, [](const Queued& waiting) { return waiting.ticket.number; });
  if (queued == queued_.end()) return std::nullopt;
  return Spool::Stalled{.ticket = queued->ticket.number,
                        .number = queued->number,
                        .envelope = queued->callback.envelope};
}

void SpoolInbox::HandedOver(std::uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  handed_over_to_ = ticket;
}

std::size_t SpoolInbox::handed_over() const {
  const std::lock_guard lock(mutex_);
  const auto& tickets = storing_->tickets;
  return static_cast<std::size_t>(
      std::ranges::upper_bound(tickets, handed_over_to_, {}, &Ticket::number) - tickets.begin());
}

bool SpoolInbox::MayStore() const { return !queued_.empty() && (is_writable_ || is_closed_); }

SpoolInbox::Taken SpoolInbox::Take(common::Deadline deadline) {
  auto storing = std::make_shared<Callbacks>();
  std::unique_lock lock(mutex_);
  away_since_.reset();
  asked_at_.reset();
  woken_.wait_until(lock, deadline.at(),
                    [&] { return MayStore() || !reports_.empty() || is_closed_; });
  Taken taken;
  taken.reports.swap(reports_);
  std::size_t bytes = 0;
  const std::size_t most = is_closed_ ? kMostPerCommit : most_per_commit_;
  while (MayStore() && storing->numbers.size() < most) {
    Queued& next = queued_.front();
    bytes += next.callback.size;
    if (!storing->numbers.empty() && bytes > kMostBytesPerCommit) break;
    queued_bytes_ -= next.callback.envelope.body.size();
    storing->callbacks.push_back(std::move(next.callback));
    storing->numbers.push_back(next.number);
    storing->tickets.push_back(next.ticket);
    queued_.pop_front();
  }
  storing_ = storing;
  taken.queued = std::move(storing);
  taken.is_last = is_closed_ && queued_.empty();
  away_since_ = asked_at_ = now_();
  return taken;
}

void SpoolInbox::Stored() {
  auto none = std::make_shared<Callbacks>();
  const std::lock_guard lock(mutex_);
  storing_ = std::move(none);
  most_per_commit_ = kMostPerCommit;
}

bool SpoolInbox::PutBack() {
  auto none = std::make_shared<Callbacks>();
  const std::lock_guard lock(mutex_);
  if (is_closed_) return false;
  Callbacks& failed = *storing_;
  const bool is_alone = failed.numbers.size() == 1;
  if (is_alone && !queued_.empty() && now_() - failed.tickets.front().since > kSendersWait) {
    return false;
  }
  for (std::size_t i = failed.numbers.size(); i > 0; --i) {
    SpooledCallback& callback = failed.callbacks[i - 1];
    queued_bytes_ += callback.envelope.body.size();
    queued_.push_front({.callback = std::move(callback),
                        .number = failed.numbers[i - 1],
                        .ticket = failed.tickets[i - 1]});
  }
  storing_ = std::move(none);
  most_per_commit_ = std::max<std::size_t>(1, most_per_commit_ / kFewerAfterFailure);
  return true;
}

void SpoolInbox::SetWritable(bool is_writable) {
  const std::lock_guard lock(mutex_);
  is_writable_ = is_writable;
}

void SpoolInbox::Recount(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  ledger_.Recount(bytes);
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
