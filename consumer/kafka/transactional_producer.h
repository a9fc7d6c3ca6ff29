#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "common/kafka/client_log.h"
#include "common/kafka/handles.h"
#include "common/telemetry/log.h"
#include "consumer/kafka/client_settings.h"
#include "consumer/kafka/request_watch.h"
#include "consumer/lane/transaction.h"
#include "consumer/lane/transaction_numbers.h"

namespace consumer {

/// librdkafka's transactional producer behind the port. Adds the owner and the transaction number
/// to each record and to the metadata of offsets. Begin() chooses the number, so a repeated batch
/// gets a new one.
///
/// Threads: confined to one.
class TransactionalProducer final : public TransactionalClient {
 public:
  /// Errors: kStop, with librdkafka's message.
  static common::Result<std::unique_ptr<TransactionalProducer>> Create(
      const ClientSettings& settings, const common::Logger& log) {
    return Create(settings, log, std::make_shared<TransactionNumbers>());
  }
  static common::Result<std::unique_ptr<TransactionalProducer>> Create(
      const ClientSettings& settings, const common::Logger& log,
      std::shared_ptr<TransactionNumbers> numbers);
  /// How long a transaction may be open before the broker aborts it.
  static std::chrono::milliseconds TransactionTimeout(const ClientSettings& settings);
  /// Drops the transaction in progress. The broker aborts it when the next producer initialises, or
  /// after its timeout.
  ~TransactionalProducer() override;

  /// Aborts a predecessor's open transaction and fences the predecessor. Call first.
  common::Result<void> Initialise(common::Deadline deadline);
  /// Aborts the predecessor's offsets that Kafka may have forgotten. Call after Initialise(), and
  /// before any restore waits for stable offsets. After an error the producer is unusable.
  common::Result<void> EndForgottenOffsets(common::Deadline deadline);

  common::Result<void> Begin() override;
  common::Result<void> Produce(const OutgoingRecord& record, std::size_t position) override;
  common::Result<void> SendOffsets(const std::vector<PartitionOffset>& offsets,
                                   const GroupMembership& membership,
                                   common::Deadline deadline) override;
  common::Result<void> Flush(common::Deadline deadline) override;
  common::Result<void> Commit(common::Deadline deadline) override;
  common::Result<void> Abort(common::Deadline deadline) override;
  [[nodiscard]] std::vector<Refusal> Refusals() const override { return refusals_; }
  [[nodiscard]] std::vector<std::size_t> Undelivered() const override;
  [[nodiscard]] EndRequests end_requests() const override {
    return {watch_.end_requests_sent(), watch_.has_unanswered()};
  }

 private:
  TransactionalProducer(const ClientSettings& settings, const common::Logger& log,
                        std::shared_ptr<TransactionNumbers> numbers);
  static void OnDelivery(rd_kafka_t* client, const rd_kafka_message_t* message,
                         void* opaque) noexcept;
  void Delivered(const rd_kafka_message_t& message);
  [[nodiscard]] common::Result<void> SendOffsets(const common::kafka::PartitionList& offsets,
                                                 const common::kafka::GroupMetadata& member,
                                                 common::Deadline deadline);
  void WarmUp(common::Deadline deadline);

  std::string transactional_id_;
  std::shared_ptr<TransactionNumbers> numbers_;
  std::string transaction_;  ///< The number of the current transaction.
  std::string group_;
  std::string callbacks_topic_;
  std::array<std::string, 3> topic_names_;  ///< By OutgoingTopic.
  common::kafka::ClientLog client_log_;
  RequestWatch watch_;
  std::vector<bool> is_reported_;  ///< Since Begin(), by position.
  std::vector<Refusal> refusals_;
  std::string delivery_failure_;  ///< The first one since Begin(); empty: none.
  // Last: its callbacks use the members above.
  common::kafka::Handle client_;
  std::array<common::kafka::Topic, 3> topics_;
};

}  // namespace consumer
