#include "consumer/kafka/log_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/kafka/committed_offsets.h"
#include "common/kafka/record_codec.h"
#include "common/kafka/topic_layout.h"

namespace consumer {
namespace {

using common::Deadline;
using common::Result;
namespace kafka = common::kafka;

Result<kafka::Handle> NewReader(const ClientSettings& settings, kafka::IsolationLevel isolation,
                                kafka::Properties more, kafka::ClientLog& log) {
  const kafka::Properties common_defaults = CommonDefaults();
  const kafka::Properties defaults = kafka::ReaderDefaults();
  kafka::Properties promises = kafka::ReaderPromises(settings.group, isolation);
  promises.merge(more);
  Result<kafka::Conf> conf = kafka::BuildConfOf(
      RD_KAFKA_CONSUMER, {&common_defaults, &defaults, &settings.properties, &promises});
  if (!conf) return conf.error();
  log.Attach(conf->get());
  Result<kafka::Handle> client = kafka::NewConsumer(*std::move(conf));
  if (client) rd_kafka_poll_set_consumer(client->get());
  return client;
}

std::string NameOf(ReaderRole role) {
  return role == ReaderRole::kAnnouncements ? "announcements " : "restorer ";
}

kafka::OffsetQueries ForEach(const std::vector<Partition>& partitions, std::int64_t query) {
  kafka::OffsetQueries queries;
  for (const Partition partition : partitions) queries[partition] = query;
  return queries;
}

using Records = std::map<Partition, common::OffsetWitness>;

/// Notes the records that are visited.
auto NoteIn(Records& records) {
  return [&records](const rd_kafka_message_t& message) {
    const auto time = kafka::TimestampOf(message).value_or(common::WallTime{});
    records[kafka::PartitionOf(message)] = {kafka::OffsetOf(message), time};
  };
}

}  // namespace

Result<std::unique_ptr<LogReader>> LogReader::Create(const ClientSettings& settings,
                                                     const common::Logger& log, ReaderRole role) {
  using Isolation = kafka::IsolationLevel;
  std::unique_ptr<LogReader> reader(new LogReader(settings, log, role));
  Result<kafka::Handle> committed =
      NewReader(settings, Isolation::kReadCommitted, {}, reader->client_log_);
  if (!committed) return committed.error();
  // Fetches single records, not the backlog.
  const kafka::Properties small = {{"fetch.message.max.bytes", "16384"}};
  Result<kafka::Handle> uncommitted =
      NewReader(settings, Isolation::kReadUncommitted, small, reader->client_log_);
  if (!uncommitted) return uncommitted.error();
  reader->committed_ = *std::move(committed);
  reader->uncommitted_ = *std::move(uncommitted);
  reader->coordinator_.emplace(reader->uncommitted_.get(), settings.group);
  return reader;
}

LogReader::LogReader(const ClientSettings& settings, const common::Logger& log, ReaderRole role)
    : group_(settings.group),
      callbacks_(settings.topics.callbacks),
      seen_(settings.topics.seen),
      role_(role),
      log_(log),
      client_log_(log, NameOf(role) + settings.instance) {}

LogReader::~LogReader() {
  for (kafka::Handle* client : {&committed_, &uncommitted_}) {
    if (*client) rd_kafka_destroy_flags(client->release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
}

// Without metadata, librdkafka starts the first assignment of a topic a second late.
void LogReader::WarmUp(Deadline deadline) {
  is_warm_ = true;
  for (const kafka::Handle* client : {&committed_, &uncommitted_}) {
    for (const std::string& topic : {callbacks_, seen_}) {
      const bool is_answered = kafka::FetchTopicLayout(client->get(), topic, deadline).is_answered;
      is_warm_ = is_warm_ && is_answered;
    }
  }
}

CommittedOffsets LogReader::Committed(const std::vector<Partition>& partitions, Stability stability,
                                      Deadline deadline) {
  if (partitions.empty()) return {};
  if (!is_warm_) WarmUp(deadline);
  // Only a read_committed client requests stable offsets.
  const kafka::Handle& client = stability == Stability::kStable ? committed_ : uncommitted_;
  kafka::CommittedAnswers answers =
      kafka::LookUpCommitted(client.get(), callbacks_, partitions, deadline);
  TellFailed("committed", answers.failed);
  // Stable offsets may also be missing because a transaction with them is open.
  if (stability == Stability::kRough) {
    Heard("committed", client, callbacks_, answers.failed.size() < partitions.size());
  }
  CommittedOffsets committed;
  for (auto& [partition, found] : answers.found) {
    committed[partition] = {.offset = found.offset, .metadata = std::move(found.metadata)};
  }
  const std::vector<Partition> absent(answers.absent.begin(), answers.absent.end());
  for (const auto& [partition, begin] : Begins(callbacks_, absent, deadline)) {
    committed[partition] = {.offset = begin, .is_absent = true};
  }
  return committed;
}

std::optional<int> LogReader::PartitionsOf(const std::string& topic, Deadline deadline) {
  const kafka::TopicLayout layout = kafka::FetchTopicLayout(uncommitted_.get(), topic, deadline);
  Heard("metadata", uncommitted_, topic, layout.is_answered);
  if (layout.error == RD_KAFKA_RESP_ERR_NO_ERROR) return layout.count;
  TellOnce("metadata", rd_kafka_err2name(layout.error), rd_kafka_err2str(layout.error));
  return std::nullopt;
}

std::optional<kafka::GroupFacts> LogReader::Group(Deadline deadline) {
  Result<kafka::GroupFacts> facts = coordinator_->Describe(callbacks_, deadline);
  if (facts) return *std::move(facts);
  TellOnce("describe_group", facts.error().code, facts.error().detail);
  return std::nullopt;
}

std::map<Partition, common::WallTime> LogReader::OldestTimes(const Offsets& offsets,
                                                             Deadline deadline) {
  std::map<Partition, common::WallTime> times;
  std::set<Partition> at_the_end;
  for (const auto& [partition, record] : FirstRecords(callbacks_, offsets, at_the_end, deadline)) {
    times[partition] = record.time;
  }
  // The next record is no older than the last one; our own clock may be wrong.
  Records last;
  const std::set<Partition> empty =
      kafka::ReadLastRecords(uncommitted_.get(), callbacks_, at_the_end, NoteIn(last), deadline);
  for (const auto& [partition, record] : last) times[partition] = record.time;
  for (const Partition partition : empty) times[partition] = {};
  return times;
}

std::map<Partition, common::OffsetWitness> LogReader::FirstRecords(const std::string& topic,
                                                                   const Offsets& offsets,
                                                                   std::set<Partition>& without,
                                                                   Deadline deadline) {
  Records records;
  std::set<Partition> none =
      kafka::ReadFirstRecords(uncommitted_.get(), topic, offsets, NoteIn(records), deadline);
  const std::size_t answered = records.size() + none.size();
  if (answered < offsets.size()) {
    TellOnce("first_records", rd_kafka_err2name(RD_KAFKA_RESP_ERR__TIMED_OUT),
             std::to_string(offsets.size() - answered) + " of " + std::to_string(offsets.size()) +
                 " partitions of " + topic + " have not answered");
  }
  without.merge(none);
  return records;
}

Offsets LogReader::OffsetsAt(const std::string& topic,
                             const std::map<Partition, common::WallTime>& times,
                             Deadline deadline) {
  kafka::OffsetQueries queries;
  std::vector<Partition> partitions;
  for (const auto& [partition, time] : times) {
    queries[partition] = std::max<std::int64_t>(0, time.time_since_epoch().count());
    partitions.push_back(partition);
  }
  // Looked up first: later records are no older than these ends.
  const Offsets ends = Ends(topic, partitions, deadline);
  kafka::OffsetAnswers answers = LookUp(uncommitted_, topic, queries, deadline);
  std::erase_if(answers.found, [&](const auto& entry) { return !ends.contains(entry.first); });
  for (const Partition partition : answers.absent) {
    const auto end = ends.find(partition);
    if (end != ends.end()) answers.found[partition] = end->second;
  }
  return std::move(answers.found);
}

Offsets LogReader::Begins(const std::string& topic, const std::vector<Partition>& partitions,
                          Deadline deadline) {
  return LookUp(uncommitted_, topic, ForEach(partitions, RD_KAFKA_OFFSET_BEGINNING), deadline)
      .found;
}

Offsets LogReader::Ends(const std::string& topic, const std::vector<Partition>& partitions,
                        Deadline deadline) {
  return LookUp(uncommitted_, topic, ForEach(partitions, RD_KAFKA_OFFSET_END), deadline).found;
}

Offsets LogReader::StableEnds(const std::string& topic, const std::vector<Partition>& partitions,
                              Deadline deadline) {
  return LookUp(committed_, topic, ForEach(partitions, RD_KAFKA_OFFSET_END), deadline).found;
}

// Looks up the ends first, because later records do not matter.
OpenPartitions LogReader::LookForOpen(const std::string& topic,
                                      const std::vector<Partition>& partitions, Deadline deadline) {
  const Offsets ends = Ends(topic, partitions, deadline);
  return OpenPartitions::Compare(ends, StableEnds(topic, partitions, deadline));
}

kafka::OffsetAnswers LogReader::LookUp(const kafka::Handle& client, const std::string& topic,
                                       const kafka::OffsetQueries& queries, Deadline deadline) {
  if (queries.empty()) return {};
  kafka::OffsetAnswers answers = kafka::LookUpOffsets(client.get(), topic, queries, deadline);
  TellFailed("offsets_for_times", answers.failed);
  Heard("offsets_for_times", client, topic, answers.failed.size() < queries.size());
  return answers;
}

std::optional<common::TransactionName> LogReader::NameAt(const std::string& topic,
                                                         Partition partition, Offset offset,
                                                         Deadline deadline) {
  std::optional<common::TransactionName> name;
  const auto visit = [&](const rd_kafka_message_t& message) {
    if (kafka::OffsetOf(message) == offset)
      name = common::ReadTransactionName(kafka::HeadersOf(message));
  };
  static_cast<void>(
      kafka::ReadFirstRecords(uncommitted_.get(), topic, {{partition, offset}}, visit, deadline));
  return name;
}

bool LogReader::Peek(kafka::IsolationLevel isolation, const std::string& topic, Partition partition,
                     const kafka::Extent& extent,
                     const std::function<void(const rd_kafka_message_t&)>& visit,
                     Deadline deadline) {
  const bool is_committed = isolation == kafka::IsolationLevel::kReadCommitted;
  const kafka::Handle& client = is_committed ? committed_ : uncommitted_;
  return kafka::ReadPartition(client.get(), topic, partition, extent, visit, deadline)
      .is_complete();
}

bool LogReader::Read(const kafka::PartitionReading& reading) {
  const kafka::PartitionReadEnd end = kafka::ReadPartitions(committed_.get(), reading);
  TellFailed("fetch", end.errors);
  return end.is_complete();
}

void LogReader::TellFailed(std::string_view call,
                           const std::map<Partition, rd_kafka_resp_err_t>& failed) const {
  for (const auto& [partition, code] : failed) {
    TellOnce(call, rd_kafka_err2name(code), rd_kafka_err2str(code));
  }
}

void LogReader::Heard(std::string_view call, const kafka::Handle& client, const std::string& topic,
                      bool is_answered) {
  const std::string kind = std::string(call) + " " + rd_kafka_name(client.get()) + " " + topic;
  if (is_answered) {
    silence_.Succeeded(kind);
  } else {
    silence_.Failed(kind, Silence::Clock::now());
  }
}

void LogReader::TellOnce(std::string_view call, std::string_view code,
                         std::string_view detail) const {
  const auto suppressed = throttle_.Admit(std::string(call).append(" ").append(code));
  if (!suppressed) return;
  const std::initializer_list<common::LogField> fields = {
      {"call", call}, {"code", code}, {"detail", detail}, {"suppressed", *suppressed}};
  if (role_ == ReaderRole::kAnnouncements) {
    log_.Warn("expected.look_up_failed", fields);
  } else {
    log_.Warn("restore.look_up_failed", fields);
  }
}

}  // namespace consumer
