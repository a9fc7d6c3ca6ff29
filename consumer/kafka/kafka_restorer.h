#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "common/base/backoff.h"
#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/telemetry/log.h"
#include "consumer/kafka/client_settings.h"
#include "consumer/kafka/event_fd.h"
#include "consumer/kafka/log_reader.h"
#include "consumer/lane/restorer.h"

namespace consumer {

// For each partition p, in this order:
//
//   L = committed offset of the group       ; stable: no transaction with an offset of p is open
//   T = record time of the first record at or after L on callbacks, now if there is none
//   S = first marker at or after T - largest window on callbacks.seen
//   E = end of callbacks.seen, uncommitted records included; looked up after L was there
//   read S to E, read_committed, waiting for what is open; then p may run from L
//
// A marker that was written before the look-up of L belongs to a transaction that carries an offset
// of p, so it is below E, or its transaction can never commit (I3).

/// Threads:  one of its own; the members are for the lane's.
/// Lifetime: the destructor waits for the call under way, at most a few seconds.
class KafkaRestorer final : public Restorer {
 public:
  /// Errors: kStop, in librdkafka's words.
  static common::Result<std::unique_ptr<KafkaRestorer>> Create(ClientSettings settings,
                                                               std::chrono::seconds largest_window,
                                                               const common::Logger& log);
  ~KafkaRestorer() override = default;

  [[nodiscard]] int fd() const override { return wake_.fd(); }
  void Restore(std::vector<Partition> partitions, Epoch epoch) override;
  [[nodiscard]] std::vector<RestoredPartition> TakeRestored() override;
  [[nodiscard]] std::vector<PartitionOffset> TakeEnds() override;

 private:
  struct Request {
    std::vector<Partition> partitions;
    Epoch epoch = 0;
    std::chrono::steady_clock::time_point asked_at{};
  };

  KafkaRestorer(ClientSettings settings, std::chrono::seconds largest_window,
                const common::Logger& log, std::unique_ptr<LogReader> reader);
  void Run(const std::stop_token& stop);
  /// Waits for a request that replaces this one; false: none has come.
  bool TakeRequest(Request& request, common::Deadline::Clock::time_point until,
                   const std::stop_token& stop);
  /// One attempt for what is still missing, which it removes from the request when it is done.
  void TryRestore(Request& request, const std::stop_token& stop);
  void ReadMarkers(Request& request, const Offsets& starts,
                   const std::map<Partition, common::WallTime>& oldest, const Offsets& from,
                   const Offsets& to, const std::stop_token& stop);
  void LookUpEnds();
  void HandOver(RestoredPartition restored);
  [[nodiscard]] bool IsCurrent(const Request& request);

  ClientSettings settings_;
  std::chrono::seconds largest_window_;
  const common::Logger& log_;
  EventFd wake_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_.
  Request asked_;
  std::vector<RestoredPartition> restored_;
  std::vector<PartitionOffset> ends_;

  std::unique_ptr<LogReader> reader_;  ///< Confined to thread_.
  std::jthread thread_;  // Last: its destructor joins the thread that uses the members above.
};

}  // namespace consumer
