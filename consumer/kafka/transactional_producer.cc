#include "consumer/kafka/transactional_producer.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <utility>

#include "common/kafka/call_limit.h"
#include "common/kafka/classify_error.h"
#include "common/kafka/committed_offsets.h"
#include "common/kafka/partition_offsets.h"
#include "common/kafka/record_codec.h"
#include "common/kafka/record_sender.h"
#include "consumer/kafka/membership_codec.h"

namespace consumer {
namespace {

using common::Deadline;
using common::Error;
using common::Remedy;
using common::Result;
namespace kafka = common::kafka;

/// librdkafka returns some retriable errors immediately.
constexpr std::chrono::milliseconds kRetryPause{20};

kafka::Properties Defaults() {
  kafka::Properties properties = CommonDefaults();
  properties.merge(kafka::Properties{
      {"transaction.timeout.ms", "10000"},
      {"retry.backoff.ms", "20"},  // CONCURRENT_TRANSACTIONS waits so long at every commit
      {"linger.ms", "0"},
      {"message.max.bytes", "12582912"},  // two API answers of 4 MiB and the callback
      {"compression.codec", "lz4"}});
  return properties;
}

kafka::Properties Promises(const ClientSettings& settings) {
  return {{"transactional.id", settings.transactional_id()},
          {"enable.idempotence", "true"},
          {"acks", "all"},
          {"partitioner", "murmur2_random"}};
}

/// None: the error says nothing about the record or its partition.
std::optional<RefusalReason> RefusalReasonOf(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
      return RefusalReason::kTooLarge;
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
      return RefusalReason::kInvalid;
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      return RefusalReason::kTimestamp;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return RefusalReason::kUnauthorized;
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return RefusalReason::kUnavailable;
    // Losses of the producer or its transaction.
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER:
    case RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING:
    case RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_TXN_STATE:
    case RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return std::nullopt;
    default:  // Broker codes are positive, client codes negative.
      return error > 0 ? std::optional(RefusalReason::kUnavailable) : std::nullopt;
  }
}

Result<void> Judge(rd_kafka_error_t* raised, std::string_view call) {
  const kafka::ErrorHandle error(raised);
  if (!error) return {};
  Error judged = kafka::Classify(*error, call);
  if (judged.remedy == Remedy::kRetry) std::this_thread::sleep_for(kRetryPause);
  return judged;
}

}  // namespace

Result<std::unique_ptr<TransactionalProducer>> TransactionalProducer::Create(
    const ClientSettings& settings, const common::Logger& log,
    std::shared_ptr<TransactionNumbers> numbers) {
  const kafka::Properties defaults = Defaults();
  const kafka::Properties promises = Promises(settings);
  Result<kafka::Conf> conf =
      kafka::BuildConfOf(RD_KAFKA_PRODUCER, {&defaults, &settings.properties, &promises});
  if (!conf) return conf.error();
  std::unique_ptr<TransactionalProducer> producer(
      new TransactionalProducer(settings, log, std::move(numbers)));
  producer->client_log_.Attach(conf->get(), producer.get());
  producer->watch_.Attach(conf->get());
  rd_kafka_conf_set_dr_msg_cb(conf->get(), &TransactionalProducer::OnDelivery);
  Result<kafka::Handle> client = kafka::NewProducer(*std::move(conf));
  if (!client) return client.error();
  producer->client_ = *std::move(client);
  for (std::size_t i = 0; i < producer->topics_.size(); ++i) {
    producer->topics_[i].reset(
        rd_kafka_topic_new(producer->client_.get(), producer->topic_names_[i].c_str(), nullptr));
  }
  return producer;
}

std::chrono::milliseconds TransactionalProducer::TransactionTimeout(
    const ClientSettings& settings) {
  kafka::Properties properties = settings.properties;
  properties.merge(Defaults());
  return std::chrono::milliseconds(std::atoll(properties.at("transaction.timeout.ms").c_str()));
}

TransactionalProducer::TransactionalProducer(const ClientSettings& settings,
                                             const common::Logger& log,
                                             std::shared_ptr<TransactionNumbers> numbers)
    : transactional_id_(settings.transactional_id()),
      numbers_(std::move(numbers)),
      group_(settings.group),
      callbacks_topic_(settings.topics.callbacks),
      topic_names_{settings.topics.processes, settings.topics.seen, settings.topics.dead},
      client_log_(log, "producer " + settings.transactional_id()) {}

TransactionalProducer::~TransactionalProducer() {
  if (!client_) return;
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

Result<void> TransactionalProducer::Initialise(Deadline deadline) {
  Result<void> initialised = Judge(
      rd_kafka_init_transactions(client_.get(), kafka::CallLimit(deadline)), "init_transactions");
  if (initialised) WarmUp(deadline);
  return initialised;
}

// If Kafka forgot the end of an aborted transaction, its offsets would be committed with the next
// batch and callbacks would be skipped. If it forgot the end of a committed one, aborting only
// means reading them again. So aborting is always right, and a transaction that contains the
// group's partition of __consumer_offsets writes that end. To contain it, the producer sends an
// offset in the name of a member that does not exist: the broker refuses the offset, after the
// partition was added.
Result<void> TransactionalProducer::EndForgottenOffsets(Deadline deadline) {
  if (Result<void> begun = Begin(); !begun) return begun;
  const kafka::GroupMetadata nobody(
      rd_kafka_consumer_group_metadata_new_with_genid(group_.c_str(), 0, "nobody", nullptr));
  const kafka::PartitionList list =
      kafka::ListOf(callbacks_topic_, kafka::PartitionOffsets{{Partition(), Offset()}});
  Result<void> sent = SendOffsets(list, nobody, deadline);
  while (!sent && sent.error().remedy == Remedy::kRetry && !deadline.HasPassed()) {
    sent = SendOffsets(list, nobody, deadline);
  }
  if (!sent && sent.error().remedy != Remedy::kAbort) return sent;
  Result<void> aborted = Abort(deadline);
  while (!aborted && aborted.error().remedy == Remedy::kRetry && !deadline.HasPassed()) {
    aborted = Abort(deadline);
  }
  if (!aborted || !watch_.has_unanswered()) return aborted;
  return Error{Remedy::kStop, kafka::code::kUnexpected,
               "a request to end a transaction got no answer"};
}

// The first record of a topic without metadata waits up to 1 s (librdkafka < 2.10.1, #5032).
void TransactionalProducer::WarmUp(Deadline deadline) {
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(client_.get(), 0, nullptr, &metadata, kafka::CallLimit(deadline)) ==
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_metadata_destroy(metadata);
  }
}

Result<void> TransactionalProducer::Begin() {
  watch_.Reset();
  is_reported_.clear();
  refusals_.clear();
  delivery_failure_.clear();
  transaction_ = std::to_string(numbers_->Next(common::WallNow()));
  return Judge(rd_kafka_begin_transaction(client_.get()), "begin_transaction");
}

Result<void> TransactionalProducer::Produce(const OutgoingRecord& record, std::size_t position) {
  kafka::Headers headers = kafka::ToKafka(record.headers);
  kafka::AddHeader(*headers, common::header::kInstance, transactional_id_);
  kafka::AddHeader(*headers, common::header::kTransaction, transaction_);
  const rd_kafka_resp_err_t failed =
      kafka::SendRecord(client_.get(), topics_.at(static_cast<std::size_t>(record.topic)).get(),
                        {.key = record.key,
                         .value = record.value,
                         .partition = record.partition,
                         .timestamp = record.timestamp,
                         .opaque = position},
                        std::move(headers));
  if (failed == RD_KAFKA_RESP_ERR_NO_ERROR) {
    is_reported_.resize(std::max(is_reported_.size(), position + 1), true);
    is_reported_[position] = false;
    return {};
  }
  if (rd_kafka_fatal_error(client_.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Error{Remedy::kStop, kafka::code::kFatal,
                 std::string("produce: ") + rd_kafka_err2str(failed)};
  }
  if (const auto reason = RefusalReasonOf(failed)) refusals_.push_back({position, *reason});
  return Error{Remedy::kAbort, kafka::code::kAbort,
               std::string("produce: ") + rd_kafka_err2str(failed)};
}

Result<void> TransactionalProducer::SendOffsets(const std::vector<PartitionOffset>& offsets,
                                                const GroupMembership& membership,
                                                Deadline deadline) {
  const kafka::GroupMetadata metadata = ToKafka(membership);
  if (!metadata || !membership.IsFenceable()) {
    return Error{Remedy::kAbort, kafka::code::kAbort, "no membership that the broker can fence"};
  }
  const kafka::PartitionList list(
      rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const PartitionOffset& committed : offsets) {
    rd_kafka_topic_partition_t& entry = *rd_kafka_topic_partition_list_add(
        list.get(), callbacks_topic_.c_str(), committed.partition.number());
    entry.offset = committed.offset.number();
    common::OffsetMetadata basis = committed.metadata;
    basis.instance = transactional_id_;
    basis.transaction = transaction_;
    kafka::SetMetadata(client_.get(), entry, common::ToText(basis));
  }
  return SendOffsets(list, metadata, deadline);
}

Result<void> TransactionalProducer::SendOffsets(const kafka::PartitionList& offsets,
                                                const kafka::GroupMetadata& member,
                                                Deadline deadline) {
  return Judge(rd_kafka_send_offsets_to_transaction(client_.get(), offsets.get(), member.get(),
                                                    kafka::CallLimit(deadline)),
               "send_offsets_to_transaction");
}

Result<void> TransactionalProducer::Flush(Deadline deadline) {
  const rd_kafka_resp_err_t failed = rd_kafka_flush(client_.get(), kafka::CallLimit(deadline));
  std::array<char, 512> reason{};
  const rd_kafka_resp_err_t fatal =
      rd_kafka_fatal_error(client_.get(), reason.data(), reason.size());
  if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const bool is_fenced = fatal == RD_KAFKA_RESP_ERR__FENCED;
    return Error{Remedy::kStop, is_fenced ? kafka::code::kFenced : kafka::code::kFatal,
                 std::string("flush: ") + reason.data()};
  }
  if (!delivery_failure_.empty()) {
    return Error{Remedy::kAbort, kafka::code::kAbort, "delivery: " + delivery_failure_};
  }
  if (failed == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return Error{Remedy::kRetry, kafka::code::kRetriable,
               std::string("flush: ") + rd_kafka_err2str(failed)};
}

Result<void> TransactionalProducer::Commit(Deadline deadline) {
  return Judge(rd_kafka_commit_transaction(client_.get(), kafka::CallLimit(deadline)),
               "commit_transaction");
}

Result<void> TransactionalProducer::Abort(Deadline deadline) {
  return Judge(rd_kafka_abort_transaction(client_.get(), kafka::CallLimit(deadline)),
               "abort_transaction");
}

void TransactionalProducer::OnDelivery(rd_kafka_t* /*client*/, const rd_kafka_message_t* message,
                                       void* opaque) noexcept {
  static_cast<TransactionalProducer*>(kafka::ClientLog::From(opaque).owner())->Delivered(*message);
}

void TransactionalProducer::Delivered(const rd_kafka_message_t& message) {
  const std::size_t position = kafka::OpaqueOf(message);
  if (position < is_reported_.size()) is_reported_[position] = true;
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  // The first failure makes all later records fail with _PURGE_*.
  if (delivery_failure_.empty()) delivery_failure_ = rd_kafka_err2name(message.err);
  if (const auto reason = RefusalReasonOf(message.err)) refusals_.push_back({position, *reason});
}

std::vector<std::size_t> TransactionalProducer::Undelivered() const {
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < is_reported_.size(); ++i) {
    if (!is_reported_[i]) positions.push_back(i);
  }
  return positions;
}

}  // namespace consumer
