#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "common/base/backoff.h"
#include "common/telemetry/log.h"
#include "consumer/kafka/client_settings.h"
#include "consumer/kafka/event_fd.h"
#include "consumer/kafka/publish_gate.h"
#include "consumer/kafka/retirement.h"
#include "consumer/kafka/transactional_producer.h"
#include "consumer/lane/committer.h"
#include "consumer/lane/pulse.h"

namespace consumer {

/// Runs the batches of one lane on a transactional producer. Creates the producer, and replaces an
/// unusable one. While no broker answers, it keeps the batch and tries again.
///
/// Threads:  one of its own; the members are for the lane's, pulse() for any.
/// Lifetime: the destructor waits for the call in progress.
class KafkaCommitter final : public Committer {
 public:
  struct Timing {
    std::chrono::milliseconds transaction{15'000};  ///< One transaction, all its calls together.
    std::chrono::milliseconds initialise{5'000};    ///< One attempt.
    /// How long to wait for open transactions of a predecessor; a returning broker ends them.
    std::chrono::milliseconds clean{8'000};
    common::Backoff retry{std::chrono::milliseconds(100), std::chrono::milliseconds(5'000)};
  };

  KafkaCommitter(ClientSettings settings, const common::Logger& log)
      : KafkaCommitter(std::move(settings), log, Timing()) {}
  KafkaCommitter(ClientSettings settings, const common::Logger& log, Timing timing);
  ~KafkaCommitter() override = default;

  [[nodiscard]] int fd() const override { return wake_.fd(); }
  void Submit(Batch batch) override;
  [[nodiscard]] std::optional<CommitReport> TakeReport() override;
  [[nodiscard]] std::optional<CommitReport> WaitReport(common::Deadline deadline) override;
  void HasSeen(const common::OffsetMetadata& basis) override;
  void Recycle() override;

  [[nodiscard]] const Pulse& pulse() const { return pulse_; }

 private:
  struct Exchange {
    std::optional<Batch> batch;
    std::optional<CommitReport> report;
    bool must_recycle = false;
  };

  void Run(const std::stop_token& stop);
  /// Waits for a batch, or for a reason to stop waiting.
  std::optional<Batch> NextBatch(const std::stop_token& stop);
  bool TakeRecycling();
  bool PrepareProducer();
  void Warn(const common::Error& error) const;
  void Discard();
  CommitReport Commit(Batch batch);
  static CommitReport NotBegun(const PublishGate::Answer& gate, Batch batch,
                               common::Deadline::Clock::duration elapsed);
  [[nodiscard]] CommitReport ReportOf(TransactionEnd end, Batch batch,
                                      common::Deadline::Clock::time_point asked_at,
                                      common::Deadline::Clock::time_point begun_at) const;

  ClientSettings settings_;
  const common::Logger& log_;
  Timing timing_;
  std::shared_ptr<TransactionNumbers> numbers_ = std::make_shared<TransactionNumbers>();
  EventFd wake_;
  Pulse pulse_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  Exchange exchange_;  ///< Guarded by mutex_, which the condition needs.

  // Confined to thread_.
  Retirement retirement_;
  PublishGate gate_;
  std::unique_ptr<TransactionalProducer> producer_;
  bool is_ready_ = false;      ///< producer_ may begin transactions.
  bool has_recycled_ = false;  ///< Since the last report.

  std::jthread thread_;  // Last: its destructor joins the thread that uses the members above.
};

}  // namespace consumer
