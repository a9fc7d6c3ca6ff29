// consumer/kafka/log_reader.h on the model cluster, in the place of the one on librdkafka: what it
// asks the brokers, and what it does when they do not answer.
#include "consumer/kafka/log_reader.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "tests/simulation/clients/positions.h"
#include "tests/simulation/clients/topics.h"
#include "tests/simulation/cluster/cluster.h"

namespace consumer {
namespace {

using common::Deadline;
using simulation::Cluster;
using simulation::Entry;
using simulation::NumbersOf;
using simulation::Place;
using simulation::Topic;
using simulation::TopicOf;
using std::chrono::milliseconds;

constexpr std::size_t kRecordsEach = 100;
/// Of announcements: few, so that anything can happen between two fetches of one pass.
constexpr std::size_t kAnnouncementsEach = 3;
constexpr milliseconds kOneFetch{1'000};
constexpr milliseconds kPoll{50};

simulation::Span Remaining(Deadline deadline) {
  return std::max(simulation::Span(0), deadline.at() - Deadline::Clock::now());
}

void Rest() { Cluster::Current().runtime().Sleep(kPoll); }

rd_kafka_message_t MessageOf(Entry& entry, Partition partition) {
  rd_kafka_message_t message{};
  message.partition = partition.number();
  message.offset = entry.offset;
  message.payload = entry.value.empty() ? nullptr : entry.value.data();
  message.len = entry.value.size();
  message.key = entry.key.data();
  message.key_len = entry.key.size();
  message._private = &entry;
  return message;
}

Offsets LookUpNow(const std::string& topic, const std::vector<Partition>& partitions,
                  Cluster::Query query, Deadline deadline) {
  return simulation::OffsetsOf(
      Cluster::Current().LookUp(TopicOf(topic), NumbersOf(partitions), query, deadline.at()));
}

}  // namespace

common::Result<std::unique_ptr<LogReader>> LogReader::Create(const ClientSettings& settings,
                                                             const common::Logger& log,
                                                             ReaderRole role) {
  return std::unique_ptr<LogReader>(new LogReader(settings, log, role));
}

LogReader::LogReader(const ClientSettings& settings, const common::Logger& log, ReaderRole role)
    : group_(settings.group),
      callbacks_(settings.topics.callbacks),
      seen_(settings.topics.seen),
      role_(role),
      log_(log),
      client_log_(log, "restorer " + settings.instance) {}

LogReader::~LogReader() = default;

CommittedOffsets LogReader::Committed(const std::vector<Partition>& partitions, Stability stability,
                                      Deadline deadline) {
  const auto reply = Cluster::Current().FetchOffsets(
      NumbersOf(partitions), stability == Stability::kStable, Remaining(deadline));
  CommittedOffsets committed;
  if (!reply.is_good()) return committed;
  std::vector<Partition> without;
  for (const auto& [number, found] : reply.answer.offsets) {
    const Partition partition(number);
    if (found.offset < 0) {
      without.push_back(partition);
    } else {
      committed[partition] = {.offset = Offset(found.offset),
                              .metadata = common::ReadOffsetMetadata(found.metadata)};
    }
  }
  for (const auto& [partition, begin] : Begins(callbacks_, without, deadline)) {
    committed[partition] = {.offset = begin, .is_absent = true};
  }
  return committed;
}

std::optional<int> LogReader::PartitionsOf(const std::string& name, Deadline deadline) {
  // Any broker answers.
  if (Cluster::Current().Describe(Remaining(deadline)).delivery !=
      simulation::Delivery::kAnswered) {
    return std::nullopt;
  }
  return Cluster::Current().PartitionsOf(TopicOf(name));
}

std::optional<common::kafka::GroupFacts> LogReader::Group(Deadline deadline) {
  const auto reply = Cluster::Current().Describe(Remaining(deadline));
  if (!reply.is_good()) return std::nullopt;
  common::kafka::GroupFacts facts;
  facts.state = reply.answer.is_stable ? "Stable" : "PreparingRebalance";
  for (const auto& member : reply.answer.members) {
    facts.members.push_back({.name = member.instance,
                             .id = member.id,
                             .host = "",
                             .partitions = simulation::PartitionsOf(member.partitions)});
  }
  return facts;
}

std::map<Partition, common::WallTime> LogReader::OldestTimes(const Offsets& offsets,
                                                             Deadline deadline) {
  std::map<Partition, common::WallTime> times;
  std::set<Partition> at_the_end;
  for (const auto& [partition, record] : FirstRecords(callbacks_, offsets, at_the_end, deadline)) {
    times[partition] = record.time;
  }
  Offsets tails;
  std::set<Partition> empty;
  const std::vector<Partition> asked(at_the_end.begin(), at_the_end.end());
  const Offsets begins = Begins(callbacks_, asked, deadline);
  for (const auto& [partition, end] : Ends(callbacks_, asked, deadline)) {
    if (!begins.contains(partition)) continue;
    tails[partition] = std::max(begins.at(partition), end - 1);
  }
  for (const auto& [partition, record] : FirstRecords(callbacks_, tails, empty, deadline)) {
    times[partition] = record.time;
  }
  for (const Partition partition : empty) times[partition] = {};
  return times;
}

std::map<Partition, common::OffsetWitness> LogReader::FirstRecords(const std::string& topic,
                                                                   const Offsets& offsets,
                                                                   std::set<Partition>& without,
                                                                   Deadline deadline) {
  std::map<Partition, common::OffsetWitness> records;
  for (const auto& [partition, from] : offsets) {
    simulation::Offset at = from.number();
    while (!deadline.HasPassed()) {
      const Place place{TopicOf(topic), partition.number()};
      const auto reply = Cluster::Current().Fetch(place, at, false, 1, kOneFetch);
      if (!reply.is_good()) {
        Rest();
      } else if (reply.answer.is_out && at != reply.answer.begin) {
        at = reply.answer.begin;
      } else if (!reply.answer.entries.empty()) {
        const Entry& entry = reply.answer.entries.front();
        records[partition] = {Offset(entry.offset), entry.time};
        break;
      } else {
        without.insert(partition);
        break;
      }
    }
  }
  return records;
}

Offsets LogReader::OffsetsAt(const std::string& topic,
                             const std::map<Partition, common::WallTime>& times,
                             Deadline deadline) {
  std::vector<Partition> partitions;
  std::map<int, common::WallTime> queries;
  for (const auto& [partition, time] : times) {
    partitions.push_back(partition);
    queries[partition.number()] = time;
  }
  const Offsets ends = Ends(topic, partitions, deadline);
  Offsets found;
  for (const auto& [number, offset] :
       Cluster::Current().LookUpTimes(TopicOf(topic), queries, deadline.at())) {
    const Partition partition(number);
    const auto end = ends.find(partition);
    if (end != ends.end()) found[partition] = offset < 0 ? end->second : Offset(offset);
  }
  return found;
}

Offsets LogReader::Begins(const std::string& topic, const std::vector<Partition>& partitions,
                          Deadline deadline) {
  return LookUpNow(topic, partitions, Cluster::Query::kBegin, deadline);
}

Offsets LogReader::Ends(const std::string& topic, const std::vector<Partition>& partitions,
                        Deadline deadline) {
  return LookUpNow(topic, partitions, Cluster::Query::kEnd, deadline);
}

Offsets LogReader::StableEnds(const std::string& topic, const std::vector<Partition>& partitions,
                              Deadline deadline) {
  return LookUpNow(topic, partitions, Cluster::Query::kStableEnd, deadline);
}

OpenPartitions LogReader::LookForOpen(const std::string& topic,
                                      const std::vector<Partition>& partitions, Deadline deadline) {
  const Offsets ends = Ends(topic, partitions, deadline);
  return OpenPartitions::Compare(ends, StableEnds(topic, partitions, deadline));
}

std::optional<common::TransactionName> LogReader::NameAt(const std::string& topic,
                                                         Partition partition, Offset offset,
                                                         Deadline deadline) {
  const auto reply =
      Cluster::Current().Fetch({TopicOf(topic), partition.number()}, offset.number(), false, 1,
                               std::min(Remaining(deadline), simulation::Span(kOneFetch)));
  if (!reply.is_good() || reply.answer.entries.empty()) return std::nullopt;
  const Entry& entry = reply.answer.entries.front();
  if (Offset(entry.offset) != offset) return std::nullopt;
  return common::ReadTransactionName(entry.headers);
}

bool LogReader::Peek(common::kafka::IsolationLevel isolation, const std::string& topic,
                     Partition partition, const common::kafka::Extent& extent,
                     const std::function<void(const rd_kafka_message_t&)>& visit,
                     Deadline deadline) {
  const bool is_committed = isolation == common::kafka::IsolationLevel::kReadCommitted;
  simulation::Offset at = extent.from.number();
  const simulation::Offset end = extent.to.number();
  while (at < end && !deadline.HasPassed()) {
    auto reply = Cluster::Current().Fetch({TopicOf(topic), partition.number()}, at, is_committed,
                                          kRecordsEach, kOneFetch);
    if (!reply.is_good() || reply.answer.next == at) {
      Rest();
      continue;
    }
    for (Entry& entry : reply.answer.entries) {
      if (entry.offset < end) visit(MessageOf(entry, partition));
    }
    at = reply.answer.next;
  }
  return at >= end;
}

bool LogReader::Read(const common::kafka::PartitionReading& reading) {
  common::kafka::Extents open = reading.extents;
  Deadline patience = Deadline::After(reading.patience);
  bool gets_on = true;
  const bool is_expected = TopicOf(reading.topic) == Topic::kExpected;
  const std::size_t most = is_expected ? kAnnouncementsEach : kRecordsEach;
  // True if the partition was read to its end.
  const auto read_on = [&](Partition partition, common::kafka::Extent& left) {
    if (left.from >= left.to) return true;
    auto reply = Cluster::Current().Fetch({TopicOf(reading.topic), partition.number()},
                                          left.from.number(), true, most, kOneFetch);
    if (!reply.is_good()) return false;
    for (Entry& entry : reply.answer.entries) {
      if (Offset(entry.offset) < left.to) reading.visit(MessageOf(entry, partition));
    }
    const Offset next(reply.answer.next);
    gets_on = gets_on || next > left.from;
    left.from = std::max(left.from, next);
    if (left.from >= left.to) return true;
    if (left.from == Offset(reply.answer.bound) && reading.waits) {
      reading.waits(partition, left.from);
    }
    return false;
  };
  while (!open.empty() && !patience.HasPassed() && reading.goes_on()) {
    gets_on = false;
    for (auto at = open.begin(); at != open.end();) {
      const Partition partition = at->first;
      const bool is_read = read_on(partition, at->second);
      at = is_read ? open.erase(at) : std::next(at);
      if (is_read) reading.reached(partition);
    }
    if (gets_on) patience = Deadline::After(reading.patience);
    if (!gets_on && !open.empty()) Rest();
  }
  return open.empty();
}

}  // namespace consumer
