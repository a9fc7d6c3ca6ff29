#include "ops/ctl/kafka/topic_scan.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "common/kafka/classify_error.h"
#include "common/kafka/topic_layout.h"
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

/// A node that has just started may not know a topic yet.
constexpr seconds kMissingAfter{3};

Error WentBack(const std::string& topic, const kafka::PartitionReadEnd& end) {
  std::string where;
  for (const auto& [partition, error] : end.errors) {
    if (error != RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) continue;
    where += ", partition " + ToText(partition) + ", has no offset " +
             ToText(end.positions.at(partition)) + " any more";
  }
  return {Remedy::kRetry, kafka::code::kRetriable,
          topic + where + ": the log was cut or made anew meanwhile"};
}

Error NoTopic(const std::string& topic) {
  return {Remedy::kStop, kafka::code::kUnexpected, "there is no topic " + topic};
}

}  // namespace

bool ScannedRecord::is_broker_time() const {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  rd_kafka_message_timestamp(&message_, &type);
  return type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME;
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
  using Isolation = kafka::IsolationLevel;
  auto committed =
      KafkaClient::OpenReader(settings.kafka, settings.group, Isolation::kReadCommitted);
  if (!committed) return committed.error();
  auto uncommitted =
      KafkaClient::OpenReader(settings.kafka, settings.group, Isolation::kReadUncommitted);
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
    for (;; std::this_thread::sleep_for(kLookUpPause)) {
      const kafka::TopicLayout layout = kafka::FetchTopicLayout(client->get(), topic_, deadline);
      partitions = layout.count;
      if (layout.error == RD_KAFKA_RESP_ERR_NO_ERROR) break;
      const bool is_denied = layout.error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
      if (layout.is_answered && !is_denied && !missing.HasPassed()) continue;
      if (layout.error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return NoTopic(topic_);
      return client->Failed(layout.error, topic_);
    }
  }
  return partitions;
}

// Right after a broker's restart, lookups of some partitions fail for a moment.
Result<kafka::PartitionOffsets> TopicScan::LookUp(const KafkaClient& client,
                                                  kafka::OffsetQueries queries,
                                                  Deadline deadline) const {
  kafka::PartitionOffsets found;
  while (true) {
    kafka::OffsetAnswers answers = kafka::LookUpOffsets(client.get(), topic_, queries, deadline);
    found.merge(answers.found);
    if (answers.failed.empty()) return found;
    const auto& [partition, error] = *answers.failed.begin();
    if (deadline.HasPassed() || error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
      return client.Failed(error, topic_ + ", offsets of partition " + ToText(partition));
    }
    std::erase_if(queries,
                  [&](const auto& query) { return !answers.failed.contains(query.first); });
    std::this_thread::sleep_for(kLookUpPause);
  }
}

Result<Extents> TopicScan::Find(const ScanRange& range) {
  const Deadline deadline = Deadline::After(kLookUpLimit);
  const Result<int> count = CountPartitions(deadline);
  if (!count) return count.error();
  const bool is_whole = range.partitions.empty();
  const auto partitions = is_whole ? common::AllPartitions(*count) : range.partitions;

  kafka::OffsetQueries end_queries;
  for (const common::Partition partition : partitions) {
    const std::int32_t number = partition.number();
    if (range.skips_missing && number >= *count) continue;
    if (number < 0 || number >= *count) {
      return Reject(topic_ + " has no partition " + ToText(partition) + ", only 0 to " +
                    std::to_string(*count - 1));
    }
    end_queries[partition] = RD_KAFKA_OFFSET_END;
  }
  const auto look_up = [&](const std::optional<common::WallTime>& time, std::int64_t otherwise) {
    kafka::OffsetQueries queries = end_queries;
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
    // None: all records are older.
    const auto within = [partition = partition, end = end](const kafka::PartitionOffsets& found) {
      const auto offset = found.find(partition);
      return offset == found.end() ? end : std::min(offset->second, end);
    };
    const common::Offset to = within(*tos);
    extents[partition] = {.from = std::min(within(*froms), to), .to = to};
  }
  return extents;
}

Result<TopicScan::Ended> TopicScan::Read(const Reading& reading) {
  const auto has_stopped = [&] { return reading.stop.stop_requested(); };
  const std::int64_t total = SizeOf(reading.extents);
  const KafkaClient& reader = reading.with_uncommitted ? *uncommitted_ : *committed_;
  const kafka::PartitionReadEnd end = kafka::ReadPartitions(
      reader.get(), {.topic = topic_,
                     .extents = reading.extents,
                     .visit =
                         [&](const rd_kafka_message_t& message) {
                           return !has_stopped() && reading.visit(ScannedRecord(message));
                         },
                     .expired = reading.expired,
                     .progress =
                         [&](std::int64_t done) {
                           if (reading.progress) reading.progress(done, total);
                         },
                     .goes_on = [&] { return !has_stopped(); },
                     .patience = reading.patience});
  using Reason = kafka::PartitionReadEnd::Reason;
  switch (end.reason) {
    case Reason::kComplete:
      return Ended::kAtEnd;
    case Reason::kStopped:
      return has_stopped() ? Ended::kByStop : Ended::kByVisitor;
    case Reason::kDenied:
      return reader.Failed(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, topic_);
    case Reason::kWentBack:
    case Reason::kStalled:
      break;
  }
  return WhyStalled(reader, reading.extents, end);
}

Error TopicScan::WhyStalled(const KafkaClient& reader, const Extents& extents,
                            const kafka::PartitionReadEnd& end) const {
  if (end.reason == kafka::PartitionReadEnd::Reason::kWentBack) return WentBack(topic_, end);
  const auto& [partition, position] = *end.positions.begin();
  const std::string where = topic_ + ", partition " + ToText(partition) +
                            ", stands still at offset " + ToText(position) + " of " +
                            ToText(extents.at(partition).to);
  const auto error = end.errors.find(partition);
  if (error != end.errors.end()) return reader.Failed(error->second, where);
  return {Remedy::kRetry, kafka::code::kRetriable,
          where + ": a transaction stays open there, or no broker leads it"};
}

}  // namespace ctl
