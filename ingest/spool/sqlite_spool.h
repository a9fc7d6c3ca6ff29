#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <thread>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/domain/provider_rules.h"
#include "ingest/policy/shedding.h"
#include "ingest/spool/refused_keeper.h"
#include "ingest/spool/removal.h"
#include "ingest/spool/replay.h"
#include "ingest/spool/spool.h"
#include "ingest/spool/spool_file.h"
#include "ingest/spool/spool_inbox.h"
#include "ingest/spool/spool_writer.h"
#include "ingest/spool/waiting_age.h"

namespace ingest {

class SpoolEvents;

/// The spool on disk. One thread opens the file, however long that takes, stores all queued
/// callbacks in one synced commit, replays stored ones to Kafka, and removes acknowledged ones.
/// There is no room while the file cannot be opened or the disk hangs or fails. Callbacks accepted
/// by then, and those that nobody else takes, wait until they can be stored.
///
/// Threads:  any.
/// Lifetime: refers to the table; uses listener and sink until it has ended. The destructor waits
///           for the disk operation in progress.
class SqliteSpool final : public Spool {
 public:
  struct Options {
    SpoolDatabase::Options database;
    SpoolBounds bounds;
    LoadBounds queue;    ///< Limits of the queue.
    FreeDisk free_disk;  ///< Of the database's file system.
  };

  SqliteSpool(Options options, const common::ProviderTable& providers, SpoolEvents& events);
  ~SqliteSpool() override;
  SqliteSpool(const SqliteSpool&) = delete;
  SqliteSpool& operator=(const SqliteSpool&) = delete;

  /// Starts opening the file, storing and replaying. `listener` gets the outcomes of offered
  /// callbacks. Callbacks offered to `kafka` have numbers of replay, whose reports belong to
  /// OnReplayReports().
  void Start(StorageListener& listener, CallbackSink& kafka, PartitionCount partitions);

  [[nodiscard]] Offered Offer(CallbackNumber number, common::Envelope&& envelope) override;
  [[nodiscard]] Offered OfferAsLastResort(CallbackNumber number,
                                          common::Envelope&& envelope) override;
  [[nodiscard]] bool HasRoom() const override { return inbox_.HasRoom(); }
  [[nodiscard]] bool Holds(std::string_view provider) const override {
    return inbox_.Holds(provider);
  }
  void OnReplayReports(std::span<const StorageReport> reports) override {
    inbox_.AddReports(reports);
  }
  [[nodiscard]] std::optional<Stalled> FindStalled() const override { return inbox_.FindStalled(); }
  void HandedOver(std::uint64_t ticket) override { inbox_.HandedOver(ticket); }

  /// Waits for the first attempt to open the file, at most until the deadline. Call after Start(),
  /// before serving. Takes a moment, unless the disk hangs.
  void AwaitFirstTry(common::Deadline deadline);

  /// Reports a hanging disk, which the spool's own thread cannot. Call now and then, from one
  /// thread.
  void WatchDisk();

  /// Refuses later offers, stores accepted callbacks and ends the thread. False if the disk has not
  /// answered by the deadline.
  bool Close(common::Deadline deadline);

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  void Run();
  void Store(SpoolInbox::Callbacks& queued);
  void ShortenLog();
  [[nodiscard]] bool MayReplay();
  [[nodiscard]] TimePoint NextWake(TimePoint next_look);
  void RunReplayTurn(TimePoint now);
  void HandleOutcomes(TimePoint now);
  void ReportReplay(std::size_t stored, bool is_away);
  void RemoveDone();
  void SignalFirstTry();
  [[nodiscard]] std::size_t RoomForCopy(std::size_t used) const;
  void CountOn();
  void CountLate(std::int64_t sequence, std::string_view provider, std::size_t size);
  void Maintain(TimePoint now);
  bool Mend();
  void LookAtDisk();
  void PublishFill();

  const Options options_;
  SpoolEvents& events_;
  StorageListener* listener_ = nullptr;
  SpoolInbox inbox_;

  // The thread's members.
  SpoolWriter writer_;
  std::optional<Replay> replay_;
  Removal removal_;
  RefusedKeeper refused_;
  std::size_t replayed_ = 0;  ///< Since the replay began; 0 if none is in progress.
  bool was_empty_ = false;
  WaitingAge age_;
  bool had_room_ = true;
  bool was_stalled_ = false;  ///< Confined to the watching thread.

  std::mutex end_mutex_;  ///< Guards the next three.
  std::condition_variable ended_;
  bool has_tried_ = false;
  bool has_ended_ = false;
  std::jthread thread_;  // Last: its destructor joins the thread that uses the members above.
};

}  // namespace ingest
