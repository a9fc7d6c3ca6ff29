#include "ingest/spool/sqlite_spool.h"

#include <algorithm>
#include <string>
#include <utility>

#include "ingest/spool/spool_events.h"

namespace ingest {
namespace {

using common::Deadline;

constexpr std::chrono::seconds kMaintainEvery{1};
/// Limit of counting at once, because new callbacks wait for it.
constexpr std::chrono::milliseconds kCountsFor{20};
constexpr std::chrono::milliseconds kReadsFor{50};
constexpr std::chrono::milliseconds kKeepsRefusedFor{50};

SpoolDatabase::Options WatchedBy(std::function<void()> answered, SpoolDatabase::Options options) {
  options.answered = std::move(answered);
  return options;
}

}  // namespace

SqliteSpool::SqliteSpool(Options options, const common::ProviderTable& providers,
                         SpoolEvents& events)
    : options_(std::move(options)),
      events_(events),
      inbox_(options_.bounds, options_.queue, providers),
      writer_(
          WatchedBy([this] { inbox_.DiskHasAnswered(); }, options_.database), events,
          [this](std::size_t used) { return RoomForCopy(used); },
          [this](std::int64_t sequence, std::string_view provider, std::size_t size) {
            CountLate(sequence, provider, size);
          }),
      refused_(options_.database, events) {
  events_.SpoolLimitIs(options_.bounds.max_bytes);
  inbox_.WithLedger([](SpoolLedger& ledger) { ledger.FreeDiskIs(std::nullopt); });
  inbox_.Recount(0);
}

SqliteSpool::~SqliteSpool() { inbox_.Close(); }

void SqliteSpool::Start(StorageListener& listener, CallbackSink& kafka, PartitionCount partitions) {
  listener_ = &listener;
  replay_.emplace(kafka, std::move(partitions), writer_);
  thread_ = std::jthread([this] { Run(); });
}

Offered SqliteSpool::Offer(CallbackNumber number, common::Envelope&& envelope) {
  return inbox_.Offer(number, std::move(envelope)) ? Offered::kTaken : Offered::kFull;
}

Offered SqliteSpool::OfferAsLastResort(CallbackNumber number, common::Envelope&& envelope) {
  using Need = SpoolInbox::Need;
  return inbox_.Offer(number, std::move(envelope), Need::kLastResort) ? Offered::kTaken
                                                                      : Offered::kFull;
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
    SpoolInbox::Taken taken = inbox_.Take(Deadline(NextWake(next_look)));
    if (!taken.queued->numbers.empty()) Store(*taken.queued);
    CountOn();
    const TimePoint now = std::chrono::steady_clock::now();
    replay_->OnReports(taken.reports, now);
    if (!taken.is_last) RunReplayTurn(now);
    HandleOutcomes(now);
    if (now >= removal_.due_at() || taken.is_last) RemoveDone();
    if (now >= next_look) {
      Maintain(now);
      next_look = now + kMaintainEvery;
      SignalFirstTry();
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

void SqliteSpool::SignalFirstTry() {
  {
    const std::lock_guard lock(end_mutex_);
    if (std::exchange(has_tried_, true)) return;
  }
  ended_.notify_all();
}

void SqliteSpool::AwaitFirstTry(Deadline deadline) {
  std::unique_lock lock(end_mutex_);
  ended_.wait_until(lock, deadline.at(), [&] { return has_tried_; });
}

void SqliteSpool::Store(SpoolInbox::Callbacks& queued) {
  const SpoolWriter::Stored stored = writer_.Store(queued.callbacks);
  // The copy takes its time on a slow disk: its file may be moved away in turn.
  const bool is_stored =
      stored == SpoolWriter::Stored::kYes ||
      (stored == SpoolWriter::Stored::kFileLost && Mend() && !writer_.DetectFileLoss());
  inbox_.SetWritable(writer_.is_writable());
  const auto free_disk = options_.free_disk();
  inbox_.DiskHasAnswered();
  inbox_.WithLedger([&](SpoolLedger& ledger) { ledger.FreeDiskIs(free_disk); });
  // Tried again once the disk works. Their deadlines say until when that may help.
  if (!is_stored && inbox_.PutBack()) return;
  inbox_.WithLedger([&](SpoolLedger& ledger) {
    if (stored != SpoolWriter::Stored::kNo) return;
    for (const SpooledCallback& callback : queued.callbacks) {
      ledger.Dropped(callback.envelope.provider, callback.size);
    }
  });
  if (is_stored && std::exchange(was_empty_, false)) events_.SpoolIsInUse();
  const auto outcome = is_stored ? StorageOutcome::kSpooled : StorageOutcome::kUnavailable;
  // Callbacks handed to Kafka meanwhile may be stored there.
  const std::size_t first = is_stored ? 0 : inbox_.handed_over();
  std::vector<StorageReport> reports;
  reports.reserve(queued.numbers.size());
  for (std::size_t i = first; i < queued.numbers.size(); ++i) {
    reports.push_back({.number = queued.numbers[i], .outcome = outcome});
  }
  inbox_.Stored();
  listener_->OnReports(reports);
  ShortenLog();
}

void SqliteSpool::ShortenLog() {
  writer_.ShortenLog();
  inbox_.SetWritable(writer_.is_writable());
}

bool SqliteSpool::MayReplay() {
  // Unreadable rows were not counted.
  return !inbox_.WithLedger([](SpoolLedger& ledger) { return ledger.HoldsNothing(); }) ||
         replay_->unreadable() > 0;
}

SqliteSpool::TimePoint SqliteSpool::NextWake(TimePoint next_look) {
  if (writer_.must_count() || refused_.must_keep()) return TimePoint::min();
  TimePoint wake = std::min(next_look, removal_.due_at());
  if (MayReplay()) wake = std::min(wake, replay_->next_turn());
  return wake;
}

void SqliteSpool::RunReplayTurn(TimePoint now) {
  if (now < replay_->next_turn() || !MayReplay()) return;
  const auto turned = replay_->RunTurn(now, Deadline::After(kReadsFor));
  // These errors were reported before.
  if (turned || turned.error().code == "damaged" || turned.error().code == "closed") return;
  events_.SpoolFailed(turned.error().detail);
}

void SqliteSpool::HandleOutcomes(TimePoint now) {
  const Replay::Outcomes outcomes = replay_->TakeOutcomes();
  inbox_.WithLedger([&](SpoolLedger& ledger) {
    for (const Replay::Done& stored : outcomes.stored) ledger.Acknowledged(stored.provider);
    for (const Replay::Refused& refused : outcomes.refused) {
      ledger.Acknowledged(refused.callback.provider);
    }
  });
  for (const Replay::Done& stored : outcomes.stored) removal_.Add(stored.sequence, now);
  refused_.Add(outcomes.refused);
  for (const std::int64_t kept : refused_.Keep(writer_, Deadline::After(kKeepsRefusedFor))) {
    removal_.Add(kept, now);
  }
  inbox_.DiskHasAnswered();
  ReportReplay(outcomes.stored.size(), outcomes.is_away);
}

void SqliteSpool::ReportReplay(std::size_t stored, bool is_away) {
  if (stored == 0 && !(is_away && replayed_ > 0)) return;
  std::size_t left = 0;
  bool holds_nothing = false;
  inbox_.WithLedger([&](SpoolLedger& ledger) {
    left = ledger.fill().records - std::min(ledger.fill().records, removal_.size());
    holds_nothing = ledger.HoldsNothing();
  });
  if (replayed_ == 0) events_.ReplayStarted(left + stored);
  replayed_ += stored;
  if (holds_nothing) {
    RemoveDone();
    events_.ReplayFinished(std::exchange(replayed_, 0));
    was_empty_ = true;
    PublishFill();
  } else if (is_away) {
    events_.ReplayInterrupted(std::exchange(replayed_, 0), left);
  }
}

void SqliteSpool::RemoveDone() {
  const Removal::Removed removed = removal_.Run(writer_);
  inbox_.SetWritable(writer_.is_writable());
  replay_->Removed(removed.rows);
  inbox_.WithLedger([&](SpoolLedger& ledger) { ledger.Removed(removed.counted); });
}

/// Room within the bounds for the callbacks of a lost file.
std::size_t SqliteSpool::RoomForCopy(std::size_t used) const {
  const SpoolBounds& bounds = options_.bounds;
  const std::uint64_t free_disk = options_.free_disk().value_or(0);
  const std::uint64_t above_floor =
      free_disk - std::min<std::uint64_t>(free_disk, bounds.min_free_disk);
  return std::min<std::size_t>(bounds.max_bytes - std::min(bounds.max_bytes, used),
                               above_floor / kWritesPerCallback);
}

void SqliteSpool::CountOn() {
  if (!writer_.must_count()) return;
  const SpoolWriter::CountedPart counted =
      writer_.CountOn(Deadline::After(kCountsFor),
                      [this](std::int64_t sequence) { return replay_->IsDone(sequence); });
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

// Kafka may have the callback already, and only its removal failed.
void SqliteSpool::CountLate(std::int64_t sequence, std::string_view provider, std::size_t size) {
  SpoolHoldings found;
  (replay_->IsDone(sequence) ? found.done : found.by_provider[std::string(provider)]).Add(size);
  inbox_.WithLedger([&](SpoolLedger& ledger) { ledger.Counted(found, false); });
}

/// Reopens the file if necessary. True if it has: the file then has the content of the previous
/// one, whatever has happened to its name.
bool SqliteSpool::Mend() {
  const auto bytes =
      writer_.Maintain([this](std::int64_t sequence) { return removal_.Contains(sequence); });
  if (!bytes) return false;
  // Finished rows stay finished if the same file is reopened.
  const std::int64_t gone = writer_.base();
  replay_->StartOver(gone);
  refused_.StartOver(gone);
  removal_.Forget(gone);
  inbox_.Recount(*bytes);
  return true;
}

void SqliteSpool::WatchDisk() {
  const bool is_stalled = inbox_.IsStalled();
  if (is_stalled != std::exchange(was_stalled_, is_stalled)) events_.SpoolStalls(is_stalled);
}

void SqliteSpool::Maintain(TimePoint now) {
  Mend();
  LookAtDisk();
  inbox_.DiskHasAnswered();
  inbox_.SetWritable(writer_.is_writable());
  if (writer_.is_writable()) {
    events_.SpoolWorks();
    removal_.RetryUnremovable(now);
    RemoveDone();
    const bool has_room = inbox_.HasRoom();
    if (has_room != std::exchange(had_room_, has_room)) events_.SpoolHasRoom(has_room);
  }
  // Keeps refused callbacks of a damaged file, too.
  refused_.Maintain(writer_, inbox_);
  inbox_.DiskHasAnswered();
  PublishFill();
}

void SqliteSpool::LookAtDisk() {
  const auto free_disk = options_.free_disk();
  inbox_.WithLedger([&](SpoolLedger& ledger) { ledger.FreeDiskIs(free_disk); });
  if (!free_disk) return events_.SpoolDiskIs(std::nullopt);
  const std::uint64_t files = SizeOfSpoolFiles(options_.database.path);
  events_.SpoolDiskIs(
      SpoolDisk{.free_bytes = *free_disk, .needed_bytes = NeededDisk(files, options_.bounds)});
}

void SqliteSpool::PublishFill() {
  const SpoolFill fill = inbox_.WithLedger([](SpoolLedger& ledger) { return ledger.fill(); });
  const auto oldest = writer_.OldestReceivedAt();
  const auto age = age_.At(fill.records > 0 || oldest, oldest, common::WallNow(),
                           std::chrono::steady_clock::now());
  events_.SpoolIs(writer_.is_open(), inbox_.HasRoom());
  events_.SpoolUnreadable(replay_->unreadable() + removal_.unremovable());
  if (fill.is_counted) {
    events_.SpoolHolds(fill.records, fill.bytes, age);
  } else {
    events_.SpoolHoldsUnknown();
  }
}

}  // namespace ingest
