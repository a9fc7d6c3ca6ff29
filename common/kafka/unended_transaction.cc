#include "common/kafka/unended_transaction.h"

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <string_view>

#include "common/base/deadline.h"
#include "common/domain/dead_letter.h"
#include "common/kafka/call_limit.h"
#include "common/kafka/classify_error.h"
#include "common/kafka/handles.h"
#include "common/kafka/partition_offsets.h"
#include "common/kafka/record_codec.h"

namespace common::kafka {
namespace {

constexpr std::chrono::seconds kOneCall{30};

int Limit() { return CallLimit(Deadline::After(kOneCall)); }

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

/// A transaction is begun.
Result<Handle> Begin(const Properties& operators, const std::string& id) {
  const Properties promises = {{"transactional.id", id},
                               {"enable.idempotence", "true"},
                               {"acks", "all"},
                               {"transaction.timeout.ms", "60000"},
                               {"message.max.bytes", "12582912"}};
  Result<Conf> conf = BuildConfOf(RD_KAFKA_PRODUCER, {&operators, &promises});
  if (!conf) return conf.error();
  Result<Handle> producer = NewProducer(*std::move(conf));
  if (!producer) return producer;
  const auto fenced =
      Judge(rd_kafka_init_transactions(producer->get(), Limit()), "the transactional id " + id);
  if (!fenced) return fenced.error();
  const auto begun = Judge(rd_kafka_begin_transaction(producer->get()), "begin");
  if (!begun) return begun.error();
  return producer;
}

Result<void> Produce(rd_kafka_t* producer, const UnendedTransaction& to,
                     const UnendedTransaction::Record& record) {
  Headers headers = ToKafka(record.headers);
  const auto failed = rd_kafka_producev(
      producer, RD_KAFKA_V_TOPIC(to.topic.c_str()), RD_KAFKA_V_PARTITION(to.partition),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_KEY(record.key.data(), record.key.size()),
      RD_KAFKA_V_VALUE(const_cast<char*>(record.value.data()), record.value.size()),
      RD_KAFKA_V_HEADERS(headers.get()),
      RD_KAFKA_V_TIMESTAMP(record.time.time_since_epoch().count()), RD_KAFKA_V_END);
  if (failed == RD_KAFKA_RESP_ERR_NO_ERROR) static_cast<void>(headers.release());
  return Judge(failed, to.topic);
}

/// Before which offset everything was copied and committed; negative: nothing was.
Result<std::int64_t> CopiedUpTo(const Properties& operators, const UnendedTransaction& from) {
  const Properties promises = {{"group.id", RepairName(from.owner)},
                               {"isolation.level", "read_committed"},
                               {"enable.auto.commit", "false"}};
  Result<Conf> conf = BuildConfOf(RD_KAFKA_CONSUMER, {&operators, &promises});
  if (!conf) return conf.error();
  const Result<Handle> reader = NewConsumer(*std::move(conf));
  if (!reader) return reader.error();
  const PartitionList list = ListOf(from.topic, {{from.partition, RD_KAFKA_OFFSET_INVALID}});
  auto asked = Judge(rd_kafka_committed(reader->get(), list.get(), Limit()), "committed");
  if (asked) asked = Judge(list->elems[0].err, "committed");
  if (!asked) return asked.error();
  return list->elems[0].offset;
}

Result<void> Copy(const Properties& operators, const UnendedTransaction& from) {
  const std::string repair = RepairName(from.owner);
  // First: it ends what an earlier try has left open.
  const Result<Handle> producer = Begin(operators, repair);
  if (!producer) return producer.error();
  const std::int64_t end = from.records.back().offset + 1;
  const Result<std::int64_t> copied = CopiedUpTo(operators, from);
  if (!copied) return copied.error();
  if (*copied >= end) return {};
  for (UnendedTransaction::Record record : from.records) {
    record.headers.push_back(
        {std::string(header::kRepaired), RedriveName(from.topic, from.partition, record.offset)});
    if (const auto produced = Produce(producer->get(), from, record); !produced) return produced;
  }
  const GroupMetadata nobody(rd_kafka_consumer_group_metadata_new(repair.c_str()));
  const PartitionList list = ListOf(from.topic, {{from.partition, end}});
  const auto sent = Judge(
      rd_kafka_send_offsets_to_transaction(producer->get(), list.get(), nobody.get(), Limit()),
      "an offset of the group " + repair);
  if (!sent) return sent;
  return Judge(rd_kafka_commit_transaction(producer->get(), Limit()), "commit");
}

}  // namespace

std::string RepairName(const std::string& owner) { return owner + ".repair"; }

Result<void> EndAsAborted(const Properties& operators, const UnendedTransaction& transaction) {
  const Result<Handle> producer = Begin(operators, transaction.owner);
  if (!producer) return producer.error();
  // It vanishes with what it ends.
  const auto produced =
      Produce(producer->get(), transaction,
              {.offset = 0, .time = {}, .key = "end", .value = {}, .headers = {}});
  if (!produced) return produced;
  if (const auto flushed = Judge(rd_kafka_flush(producer->get(), Limit()), transaction.topic);
      !flushed) {
    return flushed;
  }
  return Judge(rd_kafka_abort_transaction(producer->get(), Limit()), "abort");
}

Result<void> EndAsCommitted(const Properties& operators, const UnendedTransaction& transaction) {
  if (const auto copied = Copy(operators, transaction); !copied) return copied;
  return EndAsAborted(operators, transaction);
}

}  // namespace common::kafka
