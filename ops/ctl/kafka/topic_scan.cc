#include "ops/ctl/kafka/topic_scan.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "common/kafka/call_limit.h"
#include "common/kafka/classify_error.h"
#include "ops/ctl/shell/command_line.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Error;
using common::Remedy;
using common::Result;
using std::chrono::milliseconds;
using std::chrono::seconds;
namespace kafka = common::kafka;

constexpr seconds kLookUpLimit{10};
/// A node that has just started may not know a topic yet.
constexpr seconds kMissingAfter{3};
constexpr milliseconds kPause{100};
constexpr int kPollMs = 100;

kafka::Properties Promises(const std::string& group, const char* isolation) {
  return {{"group.id", group},
          {"isolation.level", isolation},
          {"enable.auto.commit", "false"},
          {"enable.auto.offset.store", "false"},
          {"enable.partition.eof", "true"},
          {"auto.offset.reset", "earliest"},
          // A consumer learns of the end of a partition only after this wait.
          {"fetch.wait.max.ms", "20"},
          // Per partition. librdkafka refills a full queue up to a second late.
          {"queued.max.messages.kbytes", "16384"}};
}

Error NoTopic(const std::string& topic) {
  return {Remedy::kStop, kafka::code::kUnexpected, "there is no topic " + topic};
}

/// One pass over extents: the position in each partition.
class Pass {
 public:
  explicit Pass(const Extents& extents) : extents_(extents), total_(SizeOf(extents)) {
    for (const auto& [partition, extent] : extents) {
      if (extent.from < extent.to) positions_[partition] = extent.from;
    }
  }

  /// The positions of the partitions that have not reached their ends.
  [[nodiscard]] const kafka::PartitionOffsets& positions() const { return positions_; }
  [[nodiscard]] std::int64_t done() const { return total_ - Remaining(); }
  [[nodiscard]] std::int64_t total() const { return total_; }

  [[nodiscard]] bool Contains(std::int32_t partition, std::int64_t offset) const {
    return positions_.contains(partition) && offset < extents_.at(partition).to;
  }

  /// Returns true if the partition has advanced.
  bool Reach(std::int32_t partition, std::int64_t position) {
    const auto found = positions_.find(partition);
    if (found == positions_.end() || position <= found->second) return false;
    found->second = position;
    if (position >= extents_.at(partition).to) positions_.erase(found);
    return true;
  }

 private:
  [[nodiscard]] std::int64_t Remaining() const {
    std::int64_t remaining = 0;
    for (const auto& [partition, position] : positions_) {
      remaining += extents_.at(partition).to - position;
    }
    return remaining;
  }

  const Extents& extents_;
  std::int64_t total_;
  kafka::PartitionOffsets positions_;
};

}  // namespace

std::int64_t SizeOf(const Extents& extents) {
  std::int64_t size = 0;
  for (const auto& [partition, extent] : extents) {
    size += std::max<std::int64_t>(0, extent.to - extent.from);
  }
  return size;
}

std::optional<std::string_view> ScannedRecord::Header(const std::string& name) const {
  rd_kafka_headers_t* headers = nullptr;  // Owned by the message.
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_message_headers(&message_, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
      rd_kafka_header_get_last(headers, name.c_str(), &value, &size) !=
          RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::nullopt;
  }
  return std::string_view(static_cast<const char*>(value), size);
}

TopicScan::TopicScan(std::string topic, std::unique_ptr<KafkaClient> committed,
                     std::unique_ptr<KafkaClient> uncommitted)
    : topic_(std::move(topic)),
      committed_(std::move(committed)),
      uncommitted_(std::move(uncommitted)) {}

Result<std::unique_ptr<TopicScan>> TopicScan::Open(const ClusterSettings& settings,
                                                   std::string topic) {
  auto committed = KafkaClient::Open(RD_KAFKA_CONSUMER, settings.kafka,
                                     Promises(settings.group, "read_committed"));
  if (!committed) return committed.error();
  auto uncommitted = KafkaClient::Open(RD_KAFKA_CONSUMER, settings.kafka,
                                       Promises(settings.group, "read_uncommitted"));
  if (!uncommitted) return uncommitted.error();
  return std::unique_ptr<TopicScan>(
      new TopicScan(std::move(topic), *std::move(committed), *std::move(uncommitted)));
}

// Asks through the reading client, too: without metadata, librdkafka starts its first assignment of
// a topic a second late.
Result<int> TopicScan::CountPartitions(Deadline deadline) const {
  int partitions = 0;
  for (const KafkaClient* client : {committed_.get(), uncommitted_.get()}) {
    const Deadline missing = Deadline::After(kMissingAfter);
    const kafka::Topic topic(rd_kafka_topic_new(client->get(), topic_.c_str(), nullptr));
    for (;; std::this_thread::sleep_for(kPause)) {
      const rd_kafka_metadata_t* found = nullptr;
      const rd_kafka_resp_err_t failed =
          rd_kafka_metadata(client->get(), 0, topic.get(), &found, kafka::CallLimit(deadline));
      if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return client->Failed(failed, topic_);
      const kafka::Metadata metadata(found);
      const auto& about = metadata->topics[0];
      partitions = about.partition_cnt;
      if (about.err == RD_KAFKA_RESP_ERR_NO_ERROR && partitions > 0) break;
      const bool is_denied = about.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
      if (!is_denied && !missing.HasPassed()) continue;
      if (about.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
          about.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        return NoTopic(topic_);
      }
      return client->Failed(about.err, topic_);
    }
  }
  return partitions;
}

// Right after a broker's restart, lookups of some partitions fail for a moment.
Result<kafka::PartitionOffsets> TopicScan::LookUp(const KafkaClient& client,
                                                  kafka::PartitionOffsets queries,
                                                  Deadline deadline) const {
  kafka::PartitionOffsets found;
  while (true) {
    kafka::OffsetAnswers answers = kafka::LookUpOffsets(client.get(), topic_, queries, deadline);
    found.merge(answers.found);
    if (answers.failed.empty()) return found;
    const auto& [partition, error] = *answers.failed.begin();
    if (deadline.HasPassed() || error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
      return client.Failed(error, topic_ + ", offsets of partition " + std::to_string(partition));
    }
    std::erase_if(queries,
                  [&](const auto& query) { return !answers.failed.contains(query.first); });
    std::this_thread::sleep_for(kPause);
  }
}

Result<Extents> TopicScan::Find(const ScanRange& range) {
  const Deadline deadline = Deadline::After(kLookUpLimit);
  const Result<int> count = CountPartitions(deadline);
  if (!count) return count.error();
  std::vector<std::int32_t> partitions = range.partitions;
  for (std::int32_t i = 0; range.partitions.empty() && i < *count; ++i) partitions.push_back(i);

  kafka::PartitionOffsets end_queries;
  for (const std::int32_t partition : partitions) {
    if (partition < 0 || partition >= *count) {
      return Reject(topic_ + " has no partition " + std::to_string(partition) + ", only 0 to " +
                    std::to_string(*count - 1));
    }
    end_queries[partition] = RD_KAFKA_OFFSET_END;
  }
  const auto look_up = [&](const std::optional<common::WallTime>& time, std::int64_t otherwise) {
    kafka::PartitionOffsets queries = end_queries;
    for (auto& [partition, query] : queries) {
      query = time ? std::max<std::int64_t>(0, time->time_since_epoch().count()) : otherwise;
    }
    return LookUp(*uncommitted_, std::move(queries), deadline);
  };
  // Ends first: a record appended later lies at or after them.
  const auto ends = LookUp(*uncommitted_, end_queries, deadline);
  if (!ends) return ends.error();
  const auto tos = range.to ? look_up(range.to, RD_KAFKA_OFFSET_END) : ends;
  if (!tos) return tos.error();
  const auto froms = look_up(range.from, RD_KAFKA_OFFSET_BEGINNING);
  if (!froms) return froms.error();

  Extents extents;
  for (const auto& [partition, end] : *ends) {
    const auto within = [end = end](std::int64_t offset) {
      return offset < 0 ? end : std::min(offset, end);
    };
    const std::int64_t to = within(tos->at(partition));
    extents[partition] = {.from = std::min(within(froms->at(partition)), to), .to = to};
  }
  return extents;
}

Result<TopicScan::Ended> TopicScan::Read(const Reading& reading) {
  Pass pass(reading.extents);
  std::map<std::int32_t, rd_kafka_resp_err_t> errors;
  const auto end_with = [&](Result<Ended> ended) {
    rd_kafka_assign(committed_->get(), nullptr);
    return ended;
  };
  rd_kafka_assign(committed_->get(), kafka::ListOf(topic_, pass.positions()).get());
  Deadline patience = Deadline::After(reading.patience);
  while (!pass.positions().empty()) {
    if (reading.stop.stop_requested()) return end_with(Ended::kByStop);
    if (patience.HasPassed()) {
      const auto& [partition, position] = *pass.positions().begin();
      const std::string where = topic_ + ", partition " + std::to_string(partition) +
                                ", stands still at offset " + std::to_string(position) + " of " +
                                std::to_string(reading.extents.at(partition).to);
      const auto error = errors.find(partition);
      if (error != errors.end()) return end_with(committed_->Failed(error->second, where));
      return end_with(Error{Remedy::kRetry, kafka::code::kRetriable,
                            where + ": a transaction stays open there, or no broker leads it"});
    }
    const kafka::Message message(rd_kafka_consumer_poll(committed_->get(), kPollMs));
    if (!message) continue;
    bool has_advanced = false;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const bool is_wanted = pass.Contains(message->partition, message->offset);
      if (is_wanted && !reading.visit(ScannedRecord(*message))) {
        return end_with(Ended::kByVisitor);
      }
      has_advanced = pass.Reach(message->partition, message->offset + 1);
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      // The offset of this event counts control records; a position does not. Below the end of the
      // extent, it is that of an open transaction.
      has_advanced = pass.Reach(message->partition, message->offset);
    } else if (message->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
      return end_with(committed_->Failed(message->err, topic_));
    } else if (pass.positions().contains(message->partition)) {
      errors[message->partition] = message->err;
    }
    if (has_advanced) {
      patience = Deadline::After(reading.patience);
      if (reading.progress) reading.progress(pass.done(), pass.total());
    }
  }
  return end_with(Ended::kAtEnd);
}

}  // namespace ctl
