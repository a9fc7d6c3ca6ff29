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

/// The spool on disk. One thread opens the file, however long that takes, stores all callbacks that
/// wait in one synced commit, replays what is stored to Kafka, and removes what Kafka has
/// acknowledged. While the file cannot be opened, or the disk does not do in time what it is asked
/// for, there is no room.
///
/// Threads:  any.
/// Lifetime: listener and sink are used until the spool has ended; the destructor waits for the
///           disk operation that is under way.
class SqliteSpool final : public Spool {
 public:
  struct Options {
    SpoolDatabase::Options database;
    SpoolBounds bounds;
    LoadBounds queue;    ///< What may wait to be stored.
    FreeDisk free_disk;  ///< Of the file system that the database is on.
  };

  SqliteSpool(Options options, SpoolEvents& events);
  ~SqliteSpool() override;
  SqliteSpool(const SqliteSpool&) = delete;
  SqliteSpool& operator=(const SqliteSpool&) = delete;

  /// Begins to open the file, to store and to replay. `listener` hears what became of offered
  /// callbacks; the numbers of those offered to `kafka` are of replay, whose reports belong to
  /// OnReplayReports().
  void Start(StorageListener& listener, CallbackSink& kafka, PartitionCount partitions);

  [[nodiscard]] Offered Offer(CallbackNumber number, common::Envelope envelope) override;
  [[nodiscard]] bool HasRoom() const override { return inbox_.HasRoom(); }
  [[nodiscard]] bool Holds(std::string_view provider) const override {
    return inbox_.Holds(provider);
  }
  void OnReplayReports(std::span<const StorageReport> reports) override {
    inbox_.AddReports(reports);
  }
  [[nodiscard]] std::optional<Stalled> FindStalled() const override { return inbox_.FindStalled(); }
  void HandedOver(std::uint64_t ticket) override { inbox_.HandedOver(ticket); }

  /// Waits until it has been tried to open the file, at the latest until the deadline. To be called
  /// after Start(), before anybody is served: it is a moment, unless the disk hangs.
  void AwaitFirstTry(common::Deadline deadline);

  /// Tells of a disk that hangs, which the spool's own thread cannot. To be called now and then, by
  /// one thread.
  void WatchDisk();

  /// Refuses what is offered from now on, stores what was taken and ends the thread. False: the
  /// disk has not answered by the deadline.
  bool Close(common::Deadline deadline);

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  void Run();
  void Store(SpoolInbox::Callbacks& queued);
  void ShortenLog();
  [[nodiscard]] bool MayReplay();
  [[nodiscard]] TimePoint NextWake(TimePoint next_look);
  void TurnReplay(TimePoint now);
  void TakeOutcomes(TimePoint now);
  void TellOfReplay(std::size_t stored, bool is_away);
  void RemoveDone();
  void TellThatItHasTried();
  [[nodiscard]] std::size_t RoomForCopy(std::size_t used) const;
  void CountOn();
  void Maintain();
  bool Mend();
  void PublishFill();

  const Options options_;
  SpoolEvents& events_;
  StorageListener* listener_ = nullptr;
  SpoolInbox inbox_;

  // Of the thread.
  SpoolWriter writer_;
  std::optional<Replay> replay_;
  Removal removal_;
  std::size_t maintained_ = 0;  ///< Times.
  RefusedKeeper refused_;
  std::size_t replayed_ = 0;  ///< Since the replay began; 0: none is under way.
  bool was_empty_ = false;
  WaitingAge age_;
  bool had_room_ = true;
  bool was_stalled_ = false;  ///< Of the thread that watches.

  std::mutex end_mutex_;  ///< Guards the next three.
  std::condition_variable ended_;
  bool has_tried_ = false;
  bool has_ended_ = false;
  std::jthread thread_;  // Last: its destructor joins the thread that uses the members above.
};

}  // namespace ingest
