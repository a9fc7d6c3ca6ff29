#include "common/kafka/unended_transaction.h"

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <thread>

#include "common/base/deadline.h"
#include "common/domain/dead_letter.h"
#include "common/kafka/call_limit.h"
#include "common/kafka/classify_error.h"
#include "common/kafka/handles.h"
#include "common/kafka/partition_offsets.h"
#include "common/kafka/record_codec.h"
#include "common/kafka/record_sender.h"

namespace common::kafka {
namespace {

/// The deadline of all calls together.
constexpr std::chrono::seconds kLongest{40};
/// The end marker is replicated, so readers may see it a moment after the coordinator's answer.
constexpr std::chrono::seconds kSettles{5};
constexpr std::chrono::milliseconds kLookAgain{100};

Error Failed(std::string_view what, std::string_view why) {
  return {Remedy::kStop, code::kUnexpected, std::string(what).append(": ").append(why)};
}

Result<void> Judge(rd_kafka_error_t* raised, std::string_view what) {
  const ErrorHandle error(raised);
  if (!error) return {};
  return Failed(what, rd_kafka_error_string(error.get()));
}

Result<void> Judge(rd_kafka_resp_err_t error, std::string_view what) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return Failed(what, rd_kafka_err2str(error));
}

/// Begins a transaction. By then the coordinator has ended any earlier one of that id.
Result<Handle> Begin(const Properties& operators, const std::string& id, Deadline deadline) {
  const Properties promises = {{"transactional.id", id},
                               {"enable.idempotence", "true"},
                               {"acks", "all"},
                               {"transaction.timeout.ms", "60000"},
                               {"message.max.bytes", "12582912"}};
  Result<Conf> conf = BuildConfOf(RD_KAFKA_PRODUCER, {&operators, &promises});
  if (!conf) return conf.error();
  Result<Handle> producer = NewProducer(*std::move(conf));
  if (!producer) return producer;
  const auto fenced = Judge(rd_kafka_init_transactions(producer->get(), CallLimit(deadline)),
                            "the transactional id " + id);
  if (!fenced) return fenced.error();
  const auto begun = Judge(rd_kafka_begin_transaction(producer->get()), "begin");
  if (!begun) return begun.error();
  return producer;
}

Result<void> Produce(rd_kafka_t* producer, const UnendedTransaction& to,
                     const UnendedTransaction::Record& record) {
  const auto failed = SendRecord(producer, to.topic,
                                 {.key = record.key,
                                  .value = record.value,
                                  .partition = to.partition,
                                  .timestamp = record.time},
                                 ToKafka(record.headers));
  return Judge(failed, to.topic);
}

/// Sees committed records and the offsets of the group that notes the copies.
Result<Handle> NewReader(const Properties& operators, const UnendedTransaction& of) {
  const Properties promises = {{"group.id", RepairName(of.owner)},
                               {"isolation.level", "read_committed"},
                               {"enable.auto.commit", "false"}};
  Result<Conf> conf = BuildConfOf(RD_KAFKA_CONSUMER, {&operators, &promises});
  if (!conf) return conf.error();
  return NewConsumer(*std::move(conf));
}

/// True if the records are still open although the coordinator has ended the owner's transactions.
Result<bool> IsForgotten(const Properties& operators, const UnendedTransaction& transaction,
                         Deadline deadline) {
  const Result<Handle> reader = NewReader(operators, transaction);
  if (!reader) return reader.error();
  const Deadline settled = Deadline::After(kSettles);
  while (true) {
    std::int64_t low = 0;
    std::int64_t stable_end = 0;
    const auto asked =
        Judge(rd_kafka_query_watermark_offsets(reader->get(), transaction.topic.c_str(),
                                               transaction.partition.number(), &low, &stable_end,
                                               CallLimit(deadline)),
              "look up the last stable offset");
    if (!asked) return asked.error();
    if (Offset(stable_end) > transaction.records.front().offset) return false;
    if (settled.HasPassed()) return true;
    std::this_thread::sleep_for(kLookAgain);
  }
}

/// The offset up to which an earlier call committed copies, if any.
Result<std::optional<Offset>> CopiedUpTo(const Properties& operators,
                                         const UnendedTransaction& from, Deadline deadline) {
  const Result<Handle> reader = NewReader(operators, from);
  if (!reader) return reader.error();
  const PartitionList list =
      ListOf(from.topic, OffsetQueries{{from.partition, RD_KAFKA_OFFSET_INVALID}});
  auto asked =
      Judge(rd_kafka_committed(reader->get(), list.get(), CallLimit(deadline)), "committed");
  if (asked) asked = Judge(list->elems[0].err, "committed");
  if (!asked) return asked.error();
  const std::int64_t copied = list->elems[0].offset;
  return copied < 0 ? std::nullopt : std::optional(Offset(copied));
}

Result<void> Copy(const Properties& operators, const UnendedTransaction& from, Deadline deadline) {
  const std::string repair = RepairName(from.owner);
  // First: this ends the transaction that an earlier attempt left open.
  const Result<Handle> producer = Begin(operators, repair, deadline);
  if (!producer) return producer.error();
  const Offset end = from.records.back().offset + 1;
  const Result<std::optional<Offset>> copied = CopiedUpTo(operators, from, deadline);
  if (!copied) return copied.error();
  if (*copied && **copied >= end) return {};
  for (UnendedTransaction::Record record : from.records) {
    record.headers.push_back(
        {std::string(header::kRepaired), RedriveName(from.topic, {from.partition, record.offset})});
    if (auto produced = Produce(producer->get(), from, record); !produced) return produced;
  }
  const GroupMetadata group(rd_kafka_consumer_group_metadata_new(repair.c_str()));
  const PartitionList list = ListOf(from.topic, PartitionOffsets{{from.partition, end}});
  auto sent = Judge(rd_kafka_send_offsets_to_transaction(producer->get(), list.get(), group.get(),
                                                         CallLimit(deadline)),
                    "an offset of the group " + repair);
  if (!sent) return sent;
  return Judge(rd_kafka_commit_transaction(producer->get(), CallLimit(deadline)), "commit");
}

/// Ends the producer's open records on the partition: adds a record and aborts.
Result<void> AbortThere(rd_kafka_t* producer, const UnendedTransaction& transaction,
                        Deadline deadline) {
  // The abort removes this record too.
  auto produced = Produce(producer, transaction,
                          {.offset = {}, .time = {}, .key = "end", .value = {}, .headers = {}});
  if (!produced) return produced;
  auto flushed = Judge(rd_kafka_flush(producer, CallLimit(deadline)), transaction.topic);
  if (!flushed) return flushed;
  return Judge(rd_kafka_abort_transaction(producer, CallLimit(deadline)), "abort");
}

}  // namespace

std::string RepairName(const std::string& owner) { return owner + ".repair"; }

Result<void> EndAsAborted(const Properties& operators, const UnendedTransaction& transaction) {
  const Deadline deadline = Deadline::After(kLongest);
  const Result<Handle> owner = Begin(operators, transaction.owner, deadline);
  if (!owner) return owner.error();
  return AbortThere(owner->get(), transaction, deadline);
}

// Fences the owner first: that ends a transaction which was only late, with its own outcome. Copies
// of its records would be duplicates.
Result<void> EndAsCommitted(const Properties& operators, const UnendedTransaction& transaction) {
  const Deadline deadline = Deadline::After(kLongest);
  const Result<Handle> owner = Begin(operators, transaction.owner, deadline);
  if (!owner) return owner.error();
  const Result<bool> is_forgotten = IsForgotten(operators, transaction, deadline);
  if (!is_forgotten) return is_forgotten.error();
  if (!*is_forgotten) return {};
  if (auto copied = Copy(operators, transaction, deadline); !copied) return copied;
  return AbortThere(owner->get(), transaction, deadline);
}

}  // namespace common::kafka
