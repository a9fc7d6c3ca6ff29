#include "ingest/spool/sqlite_spool.h"

#include <algorithm>
#include <string>
#include <utility>

#include "ingest/events.h"

namespace ingest {
namespace {

using common::Deadline;

constexpr std::chrono::seconds kMaintainEvery{1};
/// Of counting what an earlier start has left: callbacks that come meanwhile wait for it.
constexpr std::chrono::milliseconds kCountsFor{20};
/// Of one commit: callbacks that come meanwhile wait for it.
constexpr std::size_t kMostRemovals = 2000;

/// Of the first `count`.
std::vector<std::int64_t> SequencesOf(const std::vector<Replay::Acknowledged>& callbacks,
                                      std::size_t count) {
  std::vector<std::int64_t> sequences;
  sequences.reserve(count);
  for (std::size_t i = 0; i < count; ++i) sequences.push_back(callbacks[i].sequence);
  return sequences;
}

}  // namespace

SqliteSpool::SqliteSpool(Options options, Events& events)
    : options_(std::move(options)),
      events_(events),
      inbox_(options_.bounds, options_.queue),
      writer_(options_.database, events) {
  events_.SpoolLimitIs(options_.bounds.max_bytes);
  inbox_.CountAnew(0);
}

SqliteSpool::~SqliteSpool() { inbox_.Close(); }

void SqliteSpool::Start(StorageListener& listener, CallbackSink& kafka) {
  listener_ = &listener;
  replay_.emplace(kafka, [this](std::int64_t after) { return writer_.ReadAfter(after); });
  thread_ = std::jthread([this] { Run(); });
}

Offered SqliteSpool::Offer(CallbackNumber number, common::Envelope envelope) {
  return inbox_.Offer(number, std::move(envelope)) ? Offered::kTaken : Offered::kUnavailable;
}

bool SqliteSpool::Close(Deadline deadline) {
  inbox_.Close();
  if (!thread_.joinable()) return true;
  bool has_ended = false;
  {
    std::unique_lock lock(end_mutex_);
    has_ended = ended_.wait_until(lock, deadline.at(), [&] { return has_ended_; });
  }
  const SpoolFill fill = inbox_.WithLedger([](SpoolLedger& ledger) { return ledger.fill(); });
  events_.SpoolClosed(has_ended, fill.is_counted ? std::optional(fill.records) : std::nullopt);
  return has_ended;
}

void SqliteSpool::Run() {
  TimePoint next_look{};
  for (;;) {
    const TimePoint before = std::chrono::steady_clock::now();
    const bool replay_goes_on =
        replay_->HasTurn(before) &&
        inbox_.WithLedger([](SpoolLedger& ledger) { return !ledger.HoldsNothing(); });
    const bool goes_on = replay_goes_on || writer_.must_count();
    SpoolInbox::Taken taken = inbox_.Take(Deadline(goes_on ? before : next_look));
    if (!taken.queued.numbers.empty()) Store(std::move(taken.queued));
    replay_->OnReports(taken.reports);
    CountOn();
    const TimePoint now = std::chrono::steady_clock::now();
    if (taken.is_last) {
      EndReplay();
    } else {
      TurnReplay(now);
    }
    if (now >= next_look) {
      Maintain();
      next_look = now + kMaintainEvery;
    }
    if (taken.is_last) break;
  }
  PublishFill();
  {
    const std::lock_guard lock(end_mutex_);
    has_ended_ = true;
  }
  ended_.notify_all();
}

void SqliteSpool::Store(SpoolInbox::Callbacks queued) {
  const SpoolWriter::Stored stored = writer_.Store(queued.callbacks);
  const bool is_stored =
      stored == SpoolWriter::Stored::kYes || (stored == SpoolWriter::Stored::kAstray && Mend());
  inbox_.SetWritable(writer_.is_writable());
  const auto free_disk = options_.free_disk();
  inbox_.WithLedger([&](SpoolLedger& ledger) {
    ledger.FreeDiskIs(free_disk);
    if (stored != SpoolWriter::Stored::kNo) return;
    for (const SpooledCallback& callback : queued.callbacks) {
      ledger.Dropped(callback.envelope.provider, callback.size);
    }
  });
  if (is_stored && std::exchange(was_empty_, false)) events_.SpoolIsInUse();
  const auto outcome = is_stored ? StorageOutcome::kSpooled : StorageOutcome::kUnavailable;
  std::vector<StorageReport> reports;
  reports.reserve(queued.numbers.size());
  for (const CallbackNumber number : queued.numbers) {
    reports.push_back({.number = number, .outcome = outcome});
  }
  listener_->OnReports(reports);
  ShortenLog();
}

void SqliteSpool::ShortenLog() {
  writer_.ShortenLog();
  inbox_.SetWritable(writer_.is_writable());
}

void SqliteSpool::TurnReplay(TimePoint now) {
  if (const auto wave = replay_->TakeEnded(now)) TakeAcknowledged(*wave);
  if (!replay_->HasTurn(now)) return;
  if (inbox_.WithLedger([](SpoolLedger& ledger) { return ledger.HoldsNothing(); })) return;
  if (const auto begun = replay_->Begin(now); !begun && begun.error().code != "damaged") {
    events_.SpoolFailed(begun.error().detail);
  }
}

void SqliteSpool::EndReplay() {
  if (const auto wave = replay_->TakeEnded(TimePoint::max())) TakeAcknowledged(*wave);
}

void SqliteSpool::TakeAcknowledged(const Replay::Wave& wave) {
  std::vector<Replay::Acknowledged> acknowledged = wave.acknowledged;
  std::erase_if(acknowledged, [&](const Replay::Acknowledged& callback) {
    return !writer_.IsOfThisFile(callback.sequence);  // Its copy is sent again.
  });
  std::size_t left = 0;
  bool holds_nothing = false;
  inbox_.WithLedger([&](SpoolLedger& ledger) {
    left = ledger.fill().records - to_remove_.size();
    for (const Replay::Acknowledged& callback : acknowledged) {
      ledger.Acknowledged(callback.provider);
    }
    holds_nothing = ledger.HoldsNothing();
  });
  if (replayed_ == 0 && !acknowledged.empty()) events_.ReplayStarted(left);
  replayed_ += acknowledged.size();
  left -= acknowledged.size();
  to_remove_.insert(to_remove_.end(), acknowledged.begin(), acknowledged.end());
  RemoveAcknowledged();
  if (replayed_ == 0) return;
  if (holds_nothing) {
    events_.ReplayFinished(std::exchange(replayed_, 0));
    was_empty_ = true;
    PublishFill();
  } else if (wave.acknowledged.empty()) {
    events_.ReplayInterrupted(std::exchange(replayed_, 0), left);
  }
}

void SqliteSpool::RemoveAcknowledged() {
  while (!to_remove_.empty()) {
    const std::size_t count = std::min(to_remove_.size(), kMostRemovals);
    const std::vector<std::int64_t> sequences = SequencesOf(to_remove_, count);
    const bool is_removed = writer_.Remove(sequences);
    ShortenLog();
    if (!is_removed) return;
    replay_->Removed(sequences);
    inbox_.WithLedger([&](SpoolLedger& ledger) {
      for (std::size_t i = 0; i < count; ++i) ledger.Removed(to_remove_[i].size);
    });
    to_remove_.erase(to_remove_.begin(), to_remove_.begin() + static_cast<std::ptrdiff_t>(count));
  }
}

void SqliteSpool::CountOn() {
  if (!writer_.must_count()) return;
  const SpoolWriter::CountedPart counted = writer_.CountOn(Deadline::After(kCountsFor));
  inbox_.SetWritable(writer_.is_writable());
  const SpoolFill fill = inbox_.WithLedger([&](SpoolLedger& ledger) {
    ledger.Counted(counted.holdings, counted.is_last);
    return ledger.fill();
  });
  if (!counted.is_last) return;
  was_empty_ = fill.records == 0;
  events_.SpoolCounted(fill.records, fill.bytes);
  PublishFill();
}

/// Opens the file anew if it must be. True: it has been, and what was in it or in the one before is
/// in it, whatever has become of its name.
bool SqliteSpool::Mend() {
  const std::vector<std::int64_t> pending = SequencesOf(to_remove_, to_remove_.size());
  const auto bytes = writer_.Maintain(pending);
  if (!bytes) return false;
  replay_->Removed(pending);
  to_remove_.clear();
  inbox_.CountAnew(*bytes);
  return true;
}

void SqliteSpool::WatchDisk() {
  const bool is_stalled = inbox_.IsStalled();
  if (is_stalled != std::exchange(was_stalled_, is_stalled)) events_.SpoolStalls(is_stalled);
}

void SqliteSpool::Maintain() {
  Mend();
  const auto free_disk = options_.free_disk();
  inbox_.WithLedger([&](SpoolLedger& ledger) { ledger.FreeDiskIs(free_disk); });
  inbox_.SetWritable(writer_.is_writable());
  if (writer_.is_writable()) {
    events_.SpoolWorks();
    RemoveAcknowledged();
    const bool has_room = inbox_.HasRoom();
    if (has_room != std::exchange(had_room_, has_room)) events_.SpoolHasRoom(has_room);
  }
  PublishFill();
}

void SqliteSpool::PublishFill() {
  const SpoolFill fill = inbox_.WithLedger([](SpoolLedger& ledger) { return ledger.fill(); });
  const auto oldest = writer_.OldestReceivedAt();
  const auto age = age_.At(fill.records > 0 || oldest, oldest, common::WallNow(),
                           std::chrono::steady_clock::now());
  events_.SpoolIs(writer_.is_open(), inbox_.HasRoom());
  if (fill.is_counted) {
    events_.SpoolHolds(fill.records, fill.bytes, age);
  } else {
    events_.SpoolHoldsUnknown();
  }
}

}  // namespace ingest
