// ops/ctl/kafka/topic_scan.h on the model cluster, in the place of the one on librdkafka.
#include <algorithm>
#include <thread>
#include <utility>

#include "common/kafka/classify_error.h"
#include "ops/ctl/kafka/topic_scan.h"
#include "ops/ctl/shell/command_line.h"
#include "tests/simulation/clients/positions.h"
#include "tests/simulation/clients/topics.h"
#include "tests/simulation/cluster/cluster.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Error;
using common::Remedy;
using common::Result;
using simulation::Cluster;
using simulation::Entry;
using simulation::TopicOf;
using std::chrono::milliseconds;
namespace kafka = common::kafka;

constexpr std::size_t kRecordsEach = 100;
constexpr milliseconds kOneFetch{1'000};

const Entry& EntryOf(const rd_kafka_message_t& message) {
  return *static_cast<const Entry*>(message._private);
}

rd_kafka_message_t MessageOf(Entry& entry, common::Partition partition) {
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

Error NoBroker(const std::string& what) {
  return {Remedy::kRetry, kafka::code::kRetriable, what + ": no broker answers"};
}

/// Asks again and again for the missing ones.
template <typename Ask>
std::optional<std::map<int, simulation::Offset>> LookUpAll(std::vector<int> partitions,
                                                           Deadline deadline, Ask ask) {
  std::map<int, simulation::Offset> found;
  while (true) {
    for (const auto& [partition, offset] : ask(partitions)) found[partition] = offset;
    std::erase_if(partitions, [&](int partition) { return found.contains(partition); });
    if (partitions.empty()) return found;
    if (deadline.HasPassed()) return std::nullopt;
    std::this_thread::sleep_for(kLookUpPause);
  }
}

std::optional<std::map<int, simulation::Offset>> LookUpAll(const std::string& topic,
                                                           const std::vector<int>& partitions,
                                                           Cluster::Query query,
                                                           Deadline deadline) {
  return LookUpAll(partitions, deadline, [&](const std::vector<int>& missing) {
    return Cluster::Current().LookUp(TopicOf(topic), missing, query, deadline.at());
  });
}

std::vector<int> KeysOf(const Extents& extents) {
  std::vector<int> keys;
  for (const auto& [partition, extent] : extents) keys.push_back(partition.number());
  return keys;
}

}  // namespace

bool ScannedRecord::is_broker_time() const { return true; }

std::optional<std::string_view> ScannedRecord::Header(const std::string& name) const {
  return common::LastHeader(EntryOf(message_).headers, name);
}

TopicScan::TopicScan(std::string topic, std::unique_ptr<KafkaClient> committed,
                     std::unique_ptr<KafkaClient> uncommitted)
    : topic_(std::move(topic)),
      committed_(std::move(committed)),
      uncommitted_(std::move(uncommitted)) {}

Result<std::unique_ptr<TopicScan>> TopicScan::Open(const ClusterSettings& /*settings*/,
                                                   std::string topic) {
  return std::unique_ptr<TopicScan>(new TopicScan(std::move(topic), nullptr, nullptr));
}

Result<Extents> TopicScan::Find(const ScanRange& range) {
  const Deadline deadline = Deadline::After(kLookUpLimit);
  const int count = Cluster::Current().PartitionsOf(TopicOf(topic_));
  std::vector<int> partitions;
  for (int each = 0; each < count; ++each) {
    const auto& wanted = range.partitions;
    const bool is_wanted =
        wanted.empty() || std::ranges::find(wanted, common::Partition(each)) != wanted.end();
    if (is_wanted) partitions.push_back(each);
  }
  const auto ends = LookUpAll(topic_, partitions, Cluster::Query::kEnd, deadline);
  if (!ends) return NoBroker(topic_);
  const auto at = [&](const std::optional<common::WallTime>& time, Cluster::Query otherwise) {
    if (!time) return LookUpAll(topic_, partitions, otherwise, deadline);
    return LookUpAll(partitions, deadline, [&](const std::vector<int>& missing) {
      std::map<int, common::WallTime> times;
      for (const int partition : missing) times[partition] = *time;
      return Cluster::Current().LookUpTimes(TopicOf(topic_), times, deadline.at());
    });
  };
  const auto tos = at(range.to, Cluster::Query::kEnd);
  const auto froms = at(range.from, Cluster::Query::kBegin);
  if (!tos || !froms) return NoBroker(topic_);
  Extents extents;
  for (const auto& [partition, end] : *ends) {
    const auto within = [end = end](simulation::Offset offset) {
      return common::Offset(offset < 0 ? end : std::min(offset, end));
    };
    const common::Offset to = within(tos->at(partition));
    extents[common::Partition(partition)] = {.from = std::min(within(froms->at(partition)), to),
                                             .to = to};
  }
  return extents;
}

Result<TopicScan::Ended> TopicScan::Read(const Reading& reading) {
  Extents open = reading.extents;
  Deadline patience = Deadline::After(reading.patience);
  while (true) {
    std::erase_if(open, [](const auto& one) { return one.second.from >= one.second.to; });
    if (open.empty()) return Ended::kAtEnd;
    if (reading.stop.stop_requested()) return Ended::kByStop;
    if (patience.HasPassed()) {
      return Error{Remedy::kRetry, kafka::code::kRetriable, topic_ + " stands still"};
    }
    bool gets_on = false;
    for (auto& [partition, left] : open) {
      auto reply =
          Cluster::Current().Fetch({TopicOf(topic_), partition.number()}, left.from.number(),
                                   !reading.with_uncommitted, kRecordsEach, kOneFetch);
      if (!reply.is_good()) continue;
      if (reply.answer.is_out) {  // Its log begins or ends elsewhere by now.
        const common::Offset begin(reply.answer.begin);
        left.from = left.from < begin ? begin : left.to;
        gets_on = true;
        continue;
      }
      for (Entry& entry : reply.answer.entries) {
        if (entry.offset >= left.to.number()) break;
        if (!reading.visit(ScannedRecord(MessageOf(entry, partition)))) return Ended::kByVisitor;
      }
      const common::Offset next(reply.answer.next);
      gets_on = gets_on || next > left.from;
      left.from = next;
    }
    if (gets_on) {
      patience = Deadline::After(reading.patience);
    } else {
      std::this_thread::sleep_for(kLookUpPause);
    }
  }
}

Result<kafka::PartitionOffsets> TopicScan::FindStableEnds(const Extents& extents) const {
  auto found =
      LookUpAll(topic_, KeysOf(extents), Cluster::Query::kStableEnd, Deadline::After(kLookUpLimit));
  if (!found) return NoBroker(topic_);
  return simulation::OffsetsOf(*found);
}

std::optional<PeekedRecord> TopicScan::PeekUncommitted(common::Partition partition,
                                                       common::Offset offset) {
  auto reply = Cluster::Current().Fetch({TopicOf(topic_), partition.number()}, offset.number(),
                                        false, 1, kOneFetch);
  if (!reply.is_good() || reply.answer.entries.empty()) return std::nullopt;
  const Entry& entry = reply.answer.entries.front();
  const auto text = [&](std::string_view name) {
    return std::string(common::LastHeader(entry.headers, name).value_or(""));
  };
  return PeekedRecord{.offset = common::Offset(entry.offset),
                      .time = entry.time,
                      .is_broker_time = true,
                      .instance = text(common::header::kInstance),
                      .transaction = text(common::header::kTransaction)};
}

}  // namespace ctl
