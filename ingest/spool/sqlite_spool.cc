#include "ingest/spool/sqlite_spool.h"

#include <algorithm>
#include <string>
#include <utility>

#include "ingest/events.h"

namespace ingest {
namespace {

using common::Deadline;

constexpr std::chrono::seconds kMaintainEvery{1};
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

common::Result<std::unique_ptr<SqliteSpool>> SqliteSpool::Open(Options options, Events& events) {
  std::unique_ptr<SqliteSpool> spool(new SqliteSpool(std::move(options), events));
  const auto holdings = spool->writer_.Open();
  const std::string& path = spool->options_.database.path;
  if (!holdings) {
    std::string why = "the spool " + path + " cannot be opened: " + holdings.error().detail;
    if (holdings.error().code == "damaged") {
      why += "; keep the file, name another path, and get the callbacks with `sqlite3 " + path +
             " .recover`";
    }
    return common::Error{common::Remedy::kStop, "cannot_open", std::move(why)};
  }
  spool->inbox_.Recount(*holdings);
  spool->inbox_.SetWritable(spool->writer_.is_writable());
  spool->inbox_.WithLedger(
      [&](SpoolLedger& ledger) { ledger.FreeDiskIs(spool->options_.free_disk()); });
  const SpoolFill fill =
      spool->inbox_.WithLedger([](SpoolLedger& ledger) { return ledger.fill(); });
  spool->was_empty_ = fill.records == 0;
  events.SpoolOpened(path, fill.records, fill.bytes, spool->options_.bounds.max_bytes);
  spool->PublishFill();
  return spool;
}

SqliteSpool::SqliteSpool(Options options, Events& events)
    : options_(std::move(options)),
      events_(events),
      inbox_(options_.bounds, options_.queue),
      writer_(options_.database, events) {}

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
  events_.SpoolClosed(has_ended,
                      inbox_.WithLedger([](SpoolLedger& ledger) { return ledger.fill().records; }));
  return has_ended;
}

void SqliteSpool::Run() {
  TimePoint next_look{};
  for (;;) {
    const TimePoint before = std::chrono::steady_clock::now();
    const bool replay_goes_on =
        replay_->HasTurn(before) &&
        inbox_.WithLedger([](SpoolLedger& ledger) { return !ledger.HoldsNothing(); });
    SpoolInbox::Taken taken = inbox_.Take(Deadline(replay_goes_on ? before : next_look));
    if (!taken.queued.numbers.empty()) Store(std::move(taken.queued));
    replay_->OnReports(taken.reports);
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
  const bool is_stored = writer_.Store(queued.callbacks);
  inbox_.SetWritable(writer_.is_writable());
  const auto free_disk = options_.free_disk();
  inbox_.WithLedger([&](SpoolLedger& ledger) {
    ledger.FreeDiskIs(free_disk);
    if (is_stored) return;
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
  std::size_t left = 0;
  bool holds_nothing = false;
  inbox_.WithLedger([&](SpoolLedger& ledger) {
    left = ledger.fill().records - to_remove_.size();
    for (const Replay::Acknowledged& callback : wave.acknowledged) {
      ledger.Acknowledged(callback.provider);
    }
    holds_nothing = ledger.HoldsNothing();
  });
  if (replayed_ == 0 && !wave.acknowledged.empty()) events_.ReplayStarted(left);
  replayed_ += wave.acknowledged.size();
  left -= wave.acknowledged.size();
  to_remove_.insert(to_remove_.end(), wave.acknowledged.begin(), wave.acknowledged.end());
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

void SqliteSpool::Maintain() {
  const std::vector<std::int64_t> pending = SequencesOf(to_remove_, to_remove_.size());
  if (const auto holdings = writer_.Maintain(pending)) {
    replay_->Removed(pending);
    to_remove_.clear();
    inbox_.Recount(*holdings);
  }
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
  const auto age = age_.At(fill.records > 0, writer_.OldestReceivedAt(), common::WallNow(),
                           std::chrono::steady_clock::now());
  events_.SpoolHolds(fill.records, fill.bytes, age, inbox_.HasRoom());
}

}  // namespace ingest
