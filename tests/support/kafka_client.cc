#include "tests/support/kafka_client.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tests/support/kafka_calls.h"
#include "tests/support/kafka_nodes.h"
#include "tests/support/wait_until.h"

namespace tests {
namespace {

/// Repeats while the topic is unknown: a node that has just started may not know it yet.
int Partitions(rd_kafka_t* handle, const std::string& topic) {
  std::optional<TopicShape> shape;
  if (!WaitUntil([&] { return (shape = Shape(handle, topic)).has_value(); }, KafkaClient::kLimit)) {
    throw std::runtime_error("there is no topic " + topic);
  }
  return shape->partitions;
}

}  // namespace

using common::Deadline;
using common::kafka::Handle;
using common::kafka::PartitionList;

std::string UniqueName(std::string_view prefix) {
  static thread_local std::random_device random;
  constexpr std::string_view kDigits = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string name = std::string(prefix) + "-";
  for (int i = 0; i < 10; ++i) name += kDigits[random() % kDigits.size()];
  return name;
}

KafkaClient::KafkaClient(std::string bootstrap)
    : bootstrap_(std::move(bootstrap)),
      producer_(MakeHandle(RD_KAFKA_PRODUCER, bootstrap_,
                           {{"partitioner", "murmur2_random"}, {"linger.ms", "1"}})) {}

std::vector<Record> KafkaClient::Produce(const std::string& topic, std::vector<Record> records) {
  const auto deadline = Deadline::After(kLimit);
  std::vector<std::size_t> open(records.size());
  std::iota(open.begin(), open.end(), 0);
  while (!open.empty()) {
    const auto errors = ProduceAll(topic, records, open, deadline);
    // A node that has just started may not know the topic yet; then nothing was sent. A client that
    // asked this node believes that the topic and its partitions are gone.
    std::vector<std::size_t> again;
    for (const auto& [index, error] : errors) {
      const bool is_unknown = error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
                              error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
                              error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
      if (!is_unknown || deadline.HasPassed()) Check(error, "produce to " + topic);
      if (is_unknown) again.push_back(index);
    }
    open = std::move(again);
    if (!open.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return records;
}

std::int32_t KafkaClient::LeaderOf(const std::string& topic, std::int32_t partition) {
  const common::kafka::Topic named(rd_kafka_topic_new(producer_.get(), topic.c_str(), nullptr));
  const rd_kafka_metadata_t* found = nullptr;
  Persist("metadata of " + topic, [&](int limit_ms) {
    return rd_kafka_metadata(producer_.get(), 0, named.get(), &found, limit_ms);
  });
  const common::kafka::Metadata metadata(found);
  return LeaderIn(*metadata, topic, partition).value_or(-1);
}

std::int32_t KafkaClient::AwaitLeader(const std::string& topic, std::int32_t partition) {
  std::optional<std::int32_t> leader;
  const bool is_known = WaitUntil(
      [&] {
        leader = LeaderByAllNodes(producer_.get(), topic, partition);
        return leader && *leader >= 0;
      },
      kLimit);
  if (!is_known) throw std::runtime_error("not all nodes know one leader of " + topic);
  return *leader;
}

void KafkaClient::AwaitNoLeader(const std::string& topic, std::int32_t partition) {
  const bool is_known =
      WaitUntil([&] { return LeaderByAllNodes(producer_.get(), topic, partition) == -1; }, kLimit);
  if (!is_known) throw std::runtime_error("some nodes know a leader of " + topic);
}

void KafkaClient::SeizeTransactionalId(const std::string& id) {
  const Handle producer = MakeHandle(RD_KAFKA_PRODUCER, bootstrap_, {{"transactional.id", id}});
  const common::kafka::ErrorHandle error(rd_kafka_init_transactions(producer.get(), kLimitMs));
  if (error) throw std::runtime_error("init_transactions: " + id);
}

void KafkaClient::SeizeMemberName(const std::string& group, const std::string& member,
                                  const std::string& topic) {
  Handle consumer = MakeHandle(RD_KAFKA_CONSUMER, bootstrap_,
                               {{"group.id", group},
                                {"group.instance.id", member},
                                {"partition.assignment.strategy", "range"},
                                {"enable.auto.commit", "false"}});
  rd_kafka_poll_set_consumer(consumer.get());
  const PartitionList topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  Check(rd_kafka_subscribe(consumer.get(), topics.get()), "subscribe to " + topic);
  const bool has_joined = WaitUntil(
      [&] {
        const common::kafka::Message message(rd_kafka_consumer_poll(consumer.get(), 100));
        rd_kafka_topic_partition_list_t* assigned = nullptr;
        if (rd_kafka_assignment(consumer.get(), &assigned) != 0) return false;
        return PartitionList(assigned)->cnt > 0;
      },
      kLimit);
  rd_kafka_destroy_flags(consumer.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  if (!has_joined) throw std::runtime_error("the group assigns nothing to " + member);
}

std::map<std::size_t, rd_kafka_resp_err_t> KafkaClient::ProduceAll(
    const std::string& topic, std::vector<Record>& records, const std::vector<std::size_t>& which,
    const Deadline& deadline) {
  // Delivery reports arrive as events. Each carries the index of its record.
  std::map<std::size_t, rd_kafka_resp_err_t> errors;
  common::kafka::Queue reports(rd_kafka_queue_get_main(producer_.get()));
  std::size_t missing = 0;
  for (const std::size_t index : which) {
    errors[index] = ProduceOne(producer_.get(), topic, records[index], index);
    if (errors[index] == RD_KAFKA_RESP_ERR_NO_ERROR) ++missing;
  }
  while (missing > 0 && !deadline.HasPassed()) {
    const common::kafka::Event event(rd_kafka_queue_poll(reports.get(), 100));
    if (!event || rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR) continue;
    while (const auto* message = rd_kafka_event_message_next(event.get())) {
      const auto index = reinterpret_cast<std::uintptr_t>(message->_private);
      errors.at(index) = message->err;
      records.at(index).partition = message->partition;
      records.at(index).offset = message->offset;
      --missing;
    }
  }
  if (missing > 0) throw std::runtime_error("not all records are acknowledged");
  return errors;
}

void KafkaClient::ProduceInTransaction(const std::string& topic,
                                       const std::vector<Record>& records) {
  const auto succeed = [](rd_kafka_error_t* raised, const std::string& call) {
    const common::kafka::ErrorHandle error(raised);
    if (error) throw std::runtime_error(call + ": " + rd_kafka_error_string(error.get()));
  };
  const Handle producer = MakeHandle(
      RD_KAFKA_PRODUCER, bootstrap_,
      {{"partitioner", "murmur2_random"}, {"transactional.id", UniqueName("transactional")}});
  succeed(rd_kafka_init_transactions(producer.get(), kLimitMs), "init_transactions");
  succeed(rd_kafka_begin_transaction(producer.get()), "begin_transaction");
  for (std::size_t i = 0; i < records.size(); ++i) {
    Check(ProduceOne(producer.get(), topic, records[i], i), "produce to " + topic);
  }
  // Delivery reports are events. A flush waits for them, and nothing else takes them.
  const common::kafka::Queue reports(rd_kafka_queue_get_main(producer.get()));
  const auto are_delivered = [&] {
    const common::kafka::Event event(rd_kafka_queue_poll(reports.get(), 100));
    return rd_kafka_outq_len(producer.get()) == 0;
  };
  if (!WaitUntil(are_delivered, kLimit)) throw std::runtime_error(topic + " takes no records");
  succeed(rd_kafka_commit_transaction(producer.get(), kLimitMs), "commit_transaction");
}

std::vector<Record> KafkaClient::ReadAll(const std::string& topic, Isolation isolation) {
  std::vector<Record> records;
  ForEach(topic, isolation, [&](const Record& record) { records.push_back(record); });
  std::ranges::sort(
      records, {}, [](const Record& record) { return std::pair(record.partition, record.offset); });
  return records;
}

void KafkaClient::ForEach(const std::string& topic, Isolation isolation,
                          const std::function<void(const Record&)>& use,
                          std::chrono::seconds limit) {
  const auto consumer = MakeConsumer(isolation, "");
  std::map<std::int32_t, std::int64_t> ends;
  const int partitions = Partitions(producer_.get(), topic);
  PartitionList assignment(rd_kafka_topic_partition_list_new(partitions));
  for (std::int32_t partition = 0; partition < partitions; ++partition) {
    const auto [low, high] = Watermarks(consumer.get(), topic, partition);
    if (low == high) continue;
    ends[partition] = high;
    rd_kafka_topic_partition_list_add(assignment.get(), topic.c_str(), partition)->offset = low;
  }
  Check(rd_kafka_assign(consumer.get(), assignment.get()), "assign " + topic);

  const auto deadline = Deadline::After(limit);
  while (!ends.empty()) {
    if (deadline.HasPassed()) throw std::runtime_error("cannot read " + topic + " to its end");
    const common::kafka::Message message(rd_kafka_consumer_poll(consumer.get(), 100));
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const auto end = ends.find(message->partition);
      if (end != ends.end() && message->offset < end->second) {
        use(ToRecord(message.get()));
      }
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      // The end may be a control record, which is never delivered; only this event reveals it.
      const auto end = ends.find(message->partition);
      if (end != ends.end() && message->offset >= end->second) ends.erase(end);
    } else if (rd_kafka_fatal_error(consumer.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      Check(message->err, "read " + topic);
    }
  }
}

std::vector<Record> KafkaClient::ReadSettled(const std::string& topic) {
  AwaitSettled(topic);
  return ReadAll(topic);
}

void KafkaClient::AwaitSettled(const std::string& topic) {
  const int partitions = Partitions(producer_.get(), topic);
  const auto all = MakeConsumer(Isolation::kReadUncommitted, "");
  const auto committed = MakeConsumer(Isolation::kReadCommitted, "");
  for (std::int32_t partition = 0; partition < partitions; ++partition) {
    const std::int64_t end = Watermarks(all.get(), topic, partition).second;
    const auto is_settled = [&] {
      return Watermarks(committed.get(), topic, partition).second >= end;
    };
    if (!WaitUntil(is_settled, kLimit)) {
      throw std::runtime_error("a transaction stays open on " + topic + ", partition " +
                               std::to_string(partition));
    }
  }
}

std::int64_t KafkaClient::HighWatermark(const std::string& topic, std::int32_t partition) {
  return Watermarks(MakeConsumer(Isolation::kReadUncommitted, "").get(), topic, partition).second;
}

std::int64_t KafkaClient::LastStableOffset(const std::string& topic, std::int32_t partition) {
  return Watermarks(MakeConsumer(Isolation::kReadCommitted, "").get(), topic, partition).second;
}

std::map<std::int32_t, std::int64_t> KafkaClient::CommittedOffsets(const std::string& group,
                                                                   const std::string& topic) {
  const int partitions = Partitions(producer_.get(), topic);
  PartitionList list(rd_kafka_topic_partition_list_new(partitions));
  rd_kafka_topic_partition_list_add_range(list.get(), topic.c_str(), 0, partitions - 1);
  const auto consumer = MakeConsumer(Isolation::kReadCommitted, group);
  Persist("offsets of " + group,
          [&](int limit_ms) { return rd_kafka_committed(consumer.get(), list.get(), limit_ms); });
  std::map<std::int32_t, std::int64_t> offsets;
  for (int i = 0; i < list->cnt; ++i) {
    if (list->elems[i].offset >= 0) offsets[list->elems[i].partition] = list->elems[i].offset;
  }
  return offsets;
}

Handle KafkaClient::MakeConsumer(Isolation isolation, const std::string& group) const {
  auto consumer = MakeHandle(
      RD_KAFKA_CONSUMER, bootstrap_,
      {{"group.id", group.empty() ? UniqueName("test-reader") : group},
       {"enable.auto.commit", "false"},
       {"enable.partition.eof", "true"},
       {"fetch.wait.max.ms", "50"},
       {"isolation.level",
        isolation == Isolation::kReadCommitted ? "read_committed" : "read_uncommitted"}});
  rd_kafka_poll_set_consumer(consumer.get());
  return consumer;
}

std::vector<std::string> Keys(const std::vector<Record>& records) {
  std::vector<std::string> keys;
  for (const auto& record : records) keys.push_back(record.key.value_or("(null)"));
  return keys;
}

std::vector<std::string> Values(const std::vector<Record>& records) {
  std::vector<std::string> values;
  for (const auto& record : records) values.push_back(record.value.value_or("(null)"));
  return values;
}

}  // namespace tests
