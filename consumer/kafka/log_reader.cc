#include "consumer/kafka/log_reader.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <span>
#include <utility>

#include "common/kafka/call_limit.h"
#include "common/kafka/partition_offsets.h"
#include "common/kafka/record_codec.h"
#include "consumer/kafka/read_ahead.h"

namespace consumer {
namespace {

using common::Deadline;
using common::Result;
namespace kafka = common::kafka;

constexpr int kPollMs = 100;
/// Between two lines that tell the same.
constexpr std::chrono::milliseconds kSilence{10'000};

kafka::Properties Defaults() {
  kafka::Properties properties = CommonDefaults();
  // The end of a partition is told only after this wait, and it is the end that is looked for.
  properties.merge(
      kafka::Properties{{"fetch.wait.max.ms", "20"}, {"queued.max.messages.kbytes", "16384"}});
  properties.merge(ReadAhead::Defaults());
  return properties;
}

kafka::Properties Promises(const ClientSettings& settings, const char* isolation) {
  kafka::Properties promises = {
      {"group.id", settings.group},     {"isolation.level", isolation},
      {"enable.auto.commit", "false"},  {"enable.auto.offset.store", "false"},
      {"enable.partition.eof", "true"}, {"auto.offset.reset", "earliest"}};
  promises.merge(ClassicGroup());
  return promises;
}

Result<kafka::Handle> NewReader(const kafka::Properties& operators,
                                const kafka::Properties& promises, kafka::ClientLog& log) {
  const kafka::Properties defaults = Defaults();
  Result<kafka::Conf> conf =
      kafka::BuildConfOf(RD_KAFKA_CONSUMER, {&defaults, &operators, &promises});
  if (!conf) return conf.error();
  log.Attach(conf->get());
  Result<kafka::Handle> client = kafka::NewConsumer(*std::move(conf));
  if (client) rd_kafka_poll_set_consumer(client->get());
  return client;
}

}  // namespace

Result<std::unique_ptr<LogReader>> LogReader::Create(const ClientSettings& settings,
                                                     const common::Logger& log) {
  std::unique_ptr<LogReader> reader(new LogReader(settings, log));
  Result<kafka::Handle> committed =
      NewReader(settings.properties, Promises(settings, "read_committed"), reader->client_log_);
  if (!committed) return committed.error();
  kafka::Properties promises = Promises(settings, "read_uncommitted");
  promises["fetch.message.max.bytes"] = "16384";  // one record is wanted, not the backlog
  Result<kafka::Handle> uncommitted = NewReader(settings.properties, promises, reader->client_log_);
  if (!uncommitted) return uncommitted.error();
  reader->committed_ = *std::move(committed);
  reader->uncommitted_ = *std::move(uncommitted);
  return reader;
}

LogReader::LogReader(const ClientSettings& settings, const common::Logger& log)
    : group_(settings.group),
      callbacks_(settings.topics.callbacks),
      seen_(settings.topics.seen),
      log_(log),
      client_log_(log, "restorer " + settings.instance) {}

LogReader::~LogReader() {
  for (kafka::Handle* client : {&committed_, &uncommitted_}) {
    if (*client) rd_kafka_destroy_flags(client->release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
}

// Without metadata, librdkafka starts the first assignment of a topic a second late.
void LogReader::WarmUp(Deadline deadline) {
  bool is_complete = true;
  for (const kafka::Handle* client : {&committed_, &uncommitted_}) {
    for (const std::string& name : {callbacks_, seen_}) {
      const kafka::Topic topic(rd_kafka_topic_new(client->get(), name.c_str(), nullptr));
      const rd_kafka_metadata_t* found = nullptr;
      const auto failed =
          rd_kafka_metadata(client->get(), 0, topic.get(), &found, kafka::CallLimit(deadline));
      const kafka::Metadata owned(found);
      is_complete = is_complete && failed == RD_KAFKA_RESP_ERR_NO_ERROR;
    }
  }
  is_warm_ = is_complete;
}

CommittedOffsets LogReader::Committed(const std::vector<Partition>& partitions, Stability stability,
                                      Deadline deadline) {
  if (!is_warm_) WarmUp(deadline);
  Offsets queries;
  for (const Partition partition : partitions) queries[partition] = RD_KAFKA_OFFSET_INVALID;
  const kafka::PartitionList list = kafka::ListOf(callbacks_, queries);
  constexpr std::string_view kCall = "committed";
  // Only a read_committed client asks for stable offsets.
  const kafka::Handle& client = stability == Stability::kStable ? committed_ : uncommitted_;
  const auto code = rd_kafka_committed(client.get(), list.get(), kafka::CallLimit(deadline));
  if (!Succeeded(code, kCall)) return {};
  CommittedOffsets committed;
  std::map<Partition, std::int64_t> without;
  for (const auto& entry : std::span(list->elems, static_cast<std::size_t>(list->cnt))) {
    if (!Succeeded(entry.err, kCall)) continue;
    if (entry.offset < 0) {
      without[entry.partition] = RD_KAFKA_OFFSET_BEGINNING;
      continue;
    }
    const std::string_view text(static_cast<const char*>(entry.metadata), entry.metadata_size);
    committed[entry.partition] = {.offset = entry.offset,
                                  .metadata = common::ReadOffsetMetadata(text)};
  }
  for (const auto& [partition, begin] : LookUp(callbacks_, without, deadline)) {
    committed[partition] = {.offset = begin, .is_absent = true};
  }
  return committed;
}

std::optional<int> LogReader::PartitionsOf(const std::string& name, Deadline deadline) {
  const kafka::Topic topic(rd_kafka_topic_new(uncommitted_.get(), name.c_str(), nullptr));
  const rd_kafka_metadata_t* found = nullptr;
  const auto failed =
      rd_kafka_metadata(uncommitted_.get(), 0, topic.get(), &found, kafka::CallLimit(deadline));
  const kafka::Metadata owned(found);
  if (!Succeeded(failed, "metadata") || found->topic_cnt != 1) return std::nullopt;
  const rd_kafka_metadata_topic_t& callbacks = found->topics[0];
  if (!Succeeded(callbacks.err, "metadata") || callbacks.partition_cnt == 0) return std::nullopt;
  return callbacks.partition_cnt;
}

std::optional<kafka::GroupFacts> LogReader::Group(Deadline deadline) {
  Result<kafka::GroupFacts> facts =
      kafka::DescribeGroup(uncommitted_.get(), group_, callbacks_, deadline);
  if (facts) return *std::move(facts);
  TellOnce("describe_group", facts.error().code, facts.error().detail);
  return std::nullopt;
}

std::map<Partition, common::WallTime> LogReader::OldestTimes(const Offsets& offsets,
                                                             Deadline deadline) {
  std::map<Partition, common::WallTime> times;
  std::set<Partition> at_the_end;
  for (const auto& [partition, record] : FirstRecords(offsets, at_the_end, deadline)) {
    times[partition] = record.time;
  }
  // What comes next is no older than what came last; our own clock may be wrong.
  Offsets tails;
  for (const Partition partition : at_the_end) tails[partition] = RD_KAFKA_OFFSET_TAIL(1);
  std::set<Partition> empty;
  for (const auto& [partition, record] : FirstRecords(tails, empty, deadline)) {
    times[partition] = record.time;
  }
  for (const Partition partition : empty) times[partition] = {};
  return times;
}

std::map<Partition, common::OffsetWitness> LogReader::FirstRecords(const Offsets& offsets,
                                                                   std::set<Partition>& without,
                                                                   Deadline deadline) {
  std::map<Partition, common::OffsetWitness> records;
  if (offsets.empty()) return records;
  rd_kafka_assign(uncommitted_.get(), kafka::ListOf(callbacks_, offsets).get());
  while (records.size() + without.size() < offsets.size() && !deadline.HasPassed()) {
    const kafka::Message message(rd_kafka_consumer_poll(uncommitted_.get(), kPollMs));
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const auto time = kafka::TimestampOf(*message).value_or(common::WallTime{});
      records.try_emplace(message->partition, common::OffsetWitness{message->offset, time});
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF &&
               !records.contains(message->partition)) {
      without.insert(message->partition);
    }
  }
  rd_kafka_assign(uncommitted_.get(), nullptr);
  return records;
}

Offsets LogReader::OffsetsAt(const std::string& topic,
                             const std::map<Partition, common::WallTime>& times,
                             Deadline deadline) {
  std::map<Partition, std::int64_t> queries;
  std::vector<Partition> partitions;
  for (const auto& [partition, time] : times) {
    queries[partition] = std::max<std::int64_t>(0, time.time_since_epoch().count());
    partitions.push_back(partition);
  }
  // The ends first: what comes after them is no older than they are.
  const Offsets ends = Ends(topic, partitions, deadline);
  Offsets found;
  for (const auto& [partition, offset] : LookUp(topic, queries, deadline)) {
    const auto end = ends.find(partition);
    if (end != ends.end()) found[partition] = offset < 0 ? end->second : offset;
  }
  return found;
}

Offsets LogReader::Begins(const std::string& topic, const std::vector<Partition>& partitions,
                          Deadline deadline) {
  return LookUpAll(topic, partitions, RD_KAFKA_OFFSET_BEGINNING, deadline);
}

Offsets LogReader::Ends(const std::string& topic, const std::vector<Partition>& partitions,
                        Deadline deadline) {
  return LookUpAll(topic, partitions, RD_KAFKA_OFFSET_END, deadline);
}

Offsets LogReader::LookUpAll(const std::string& topic, const std::vector<Partition>& partitions,
                             std::int64_t query, Deadline deadline) {
  std::map<Partition, std::int64_t> queries;
  for (const Partition partition : partitions) queries[partition] = query;
  return LookUp(topic, queries, deadline);
}

Offsets LogReader::StableEnds(const std::string& topic, const std::vector<Partition>& partitions,
                              Deadline deadline) {
  std::map<Partition, std::int64_t> queries;
  for (const Partition partition : partitions) queries[partition] = RD_KAFKA_OFFSET_END;
  return LookUpWith(committed_, topic, queries, deadline);
}

// The ends first: what is written after them is not asked for.
LogReader::Openness LogReader::LookForOpen(const std::string& topic,
                                           const std::vector<Partition>& partitions,
                                           Deadline deadline) {
  const Offsets ends = Ends(topic, partitions, deadline);
  Openness found;
  for (const auto& [partition, stable] : StableEnds(topic, partitions, deadline)) {
    const auto end = ends.find(partition);
    if (end == ends.end()) continue;
    if (stable < end->second) {
      found.open[partition] = stable;
    } else {
      found.clean.push_back(partition);
    }
  }
  return found;
}

Offsets LogReader::LookUpWith(const kafka::Handle& client, const std::string& topic,
                              const std::map<Partition, std::int64_t>& queries, Deadline deadline) {
  kafka::OffsetAnswers answers = kafka::LookUpOffsets(client.get(), topic, queries, deadline);
  for (const auto& [partition, code] : answers.failed) Succeeded(code, "offsets_for_times");
  return std::move(answers.found);
}

std::optional<TransactionName> LogReader::NameAt(const std::string& topic, Partition partition,
                                                 Offset offset, Deadline deadline) {
  std::optional<TransactionName> name;
  rd_kafka_assign(uncommitted_.get(), kafka::ListOf(topic, {{partition, offset}}).get());
  while (!deadline.HasPassed()) {
    const kafka::Message message(rd_kafka_consumer_poll(uncommitted_.get(), kPollMs));
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && message->offset == offset) {
      name = ReadTransactionName(kafka::HeadersOf(*message));
    }
    break;
  }
  rd_kafka_assign(uncommitted_.get(), nullptr);
  return name;
}

bool LogReader::Peek(Eyes eyes, const std::string& topic, Partition partition, Offset from,
                     Offset to, const std::function<void(const rd_kafka_message_t&)>& take,
                     Deadline deadline) {
  if (from >= to) return true;
  rd_kafka_t* const client = (eyes == Eyes::kCommitted ? committed_ : uncommitted_).get();
  rd_kafka_assign(client, kafka::ListOf(topic, {{partition, from}}).get());
  bool is_done = false;
  while (!is_done && !deadline.HasPassed()) {
    const kafka::Message message(rd_kafka_consumer_poll(client, kPollMs));
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (message->offset < to) take(*message);
      is_done = message->offset + 1 >= to;
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      is_done = message->offset >= to;  // Its offset counts control records.
    }
  }
  rd_kafka_assign(client, nullptr);
  return is_done;
}

bool LogReader::Succeeded(rd_kafka_resp_err_t code, std::string_view call) const {
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
  TellOnce(call, rd_kafka_err2name(code), rd_kafka_err2str(code));
  return false;
}

void LogReader::TellOnce(std::string_view call, std::string_view code,
                         std::string_view detail) const {
  const auto [silent, is_first] =
      silent_.try_emplace(std::string(call).append(" ").append(code), Deadline::After(kSilence));
  if (!is_first && !silent->second.HasPassed()) return;
  log_.Warn("restore.look_up_failed", {{"call", call}, {"code", code}, {"detail", detail}});
  silent->second = Deadline::After(kSilence);
}

bool LogReader::Read(Reading reading) {
  std::set<Partition> open;
  for (const auto& [partition, from] : reading.from) {
    if (from < reading.to.at(partition)) {
      open.insert(partition);
    } else {
      reading.done(partition);
    }
  }
  std::erase_if(reading.from, [&](const auto& entry) { return !open.contains(entry.first); });
  kafka::PartitionList assigned = kafka::ListOf(reading.topic, reading.from);
  rd_kafka_assign(committed_.get(), assigned.get());
  ReadAhead read_ahead;
  read_ahead.Assigned(std::move(assigned));
  Deadline patience = Deadline::After(reading.patience);
  const auto reached = [&](Partition partition, Offset position) {
    const auto found = open.find(partition);
    if (found == open.end() || position < reading.to.at(partition)) return;
    open.erase(found);
    reading.done(partition);
  };
  constexpr int kAskEvery = 256;  // records; and whenever there is time
  int taken = 0;
  bool must_ask = true;
  bool gets_on = true;  // Since it was asked last. Only then is the clock read.
  while (!open.empty()) {
    if (must_ask) {
      const auto asked_at = Deadline::Clock::now();
      if (!reading.is_wanted()) break;
      // What it took is no silence of the partitions.
      patience = Deadline(patience.at() + (Deadline::Clock::now() - asked_at));
      if (std::exchange(gets_on, false)) patience = Deadline::After(reading.patience);
      if (patience.HasPassed()) break;
      read_ahead.GoOn(committed_.get(), false);
    }
    const kafka::Message message(rd_kafka_consumer_poll(committed_.get(), kPollMs));
    must_ask = !message || message->err != RD_KAFKA_RESP_ERR_NO_ERROR || ++taken % kAskEvery == 0;
    if (!message) continue;
    gets_on = true;
    read_ahead.Took(message->len + message->key_len);
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (open.contains(message->partition)) reading.take(*message);
      reached(message->partition, message->offset + 1);
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      // Its offset counts control records, which a position does not. Below the end: a transaction
      // is still open there.
      reached(message->partition, message->offset);
      if (open.contains(message->partition)) reading.waits(message->partition, message->offset);
    }
  }
  rd_kafka_assign(committed_.get(), nullptr);
  return open.empty();
}

std::vector<Partition> AllPartitions(int count) {
  std::vector<Partition> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

}  // namespace consumer
