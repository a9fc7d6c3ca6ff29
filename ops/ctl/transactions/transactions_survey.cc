#include "ops/ctl/transactions/transactions_survey.h"

#include <algorithm>

#include "common/base/number.h"
#include "common/domain/record_headers.h"
#include "common/kafka/record_codec.h"
#include "common/kafka/unended_transaction.h"
#include "ops/ctl/records/header_values.h"

namespace ctl {
namespace {

using common::Result;
using common::TransactionName;
using common::TwinTally;
namespace kafka = common::kafka;
using Bounds = std::map<common::Partition, TransactionLog::Bounds>;

/// How far back to search for twins. A partition with an open transaction gets no more records, so
/// the twins are among its last ones.
constexpr std::int64_t kDepth = 20'000;

class Surveyor {
 public:
  Surveyor(TransactionLog& log, const common::TopicNames& topics) : log_(log), topics_(topics) {}

  Result<TransactionsSurvey> Run(const SurveyScope& scope) {
    const std::set<TopicPartition>& only = scope.only;
    for (const std::string& topic :
         {topics_.callbacks, topics_.seen, topics_.processes, topics_.dead}) {
      auto bounds = log_.BoundsOf(topic);
      if (!bounds) return bounds.error();
      bounds_[topic] = *std::move(bounds);
    }
    if (scope.has_announcements) {
      auto bounds = log_.BoundsOf(topics_.expected);
      if (bounds) {
        bounds_[topics_.expected] = *std::move(bounds);
      } else {
        found_.unknown = "those on " + topics_.expected + ": " + bounds.error().detail;
      }
    }
    for (const auto& [topic, partitions] : bounds_) {
      for (const auto& [partition, bounds] : partitions) {
        if (!only.empty() && !only.contains({topic, partition})) continue;
        if (bounds.stable >= bounds.end) continue;
        if (auto read = ReadOpen({topic, partition}, bounds); !read) return read.error();
      }
    }
    if (const auto judged = JudgeAll(); !judged) return judged.error();
    if (only.empty()) {
      for (const auto& [partition, bounds] : bounds_.at(topics_.callbacks)) {
        const auto offset = OffsetOf(partition);
        if (!offset) return offset.error();
        if (!offset->is_stable) found_.pending_offsets[partition] = {.committed = offset->metadata};
      }
    }
    return std::move(found_);
  }

 private:
  Result<void> ReadOpen(const TopicPartition& place, const TransactionLog::Bounds& bounds) {
    std::map<std::optional<TransactionName>, UnendedTransaction> by_name;
    const auto visit = [&](const rd_kafka_message_t& message) {
      const common::RecordHeaders headers = kafka::HeadersOf(message);
      auto name = common::ReadTransactionName(headers);
      // A copy has the headers of its original, but comes from another producer.
      if (name && common::LastHeader(headers, common::header::kRepaired)) {
        name->instance = kafka::RepairName(name->instance);
      }
      UnendedTransaction& open = by_name[name];
      if (open.records++ == 0) {
        open.place = place;
        open.offset = kafka::OffsetOf(message);
        open.name = name;
        open.since = name ? common::BegunAt(*name)
                          : kafka::TimestampOf(message).value_or(common::WallTime{});
        open.is_first = open.offset == bounds.stable;
        open.is_of_announcements = place.topic == topics_.expected;
      }
      open.last = kafka::OffsetOf(message);
      if (const auto source = SourceOf(place, headers)) open.sources.insert(*source);
    };
    auto read = log_.Read(kafka::IsolationLevel::kReadUncommitted, place.topic, place.partition,
                          {bounds.stable, bounds.end}, visit);
    if (!read) return read;
    std::vector<UnendedTransaction> all;
    all.reserve(by_name.size());
    for (auto& [name, open] : by_name) all.push_back(std::move(open));
    std::sort(all.begin(), all.end(),
              [](const auto& a, const auto& b) { return a.offset < b.offset; });
    std::move(all.begin(), all.end(), std::back_inserter(found_.open));
    return {};
  }

  /// Results and markers have the partition number of their callback.
  [[nodiscard]] std::optional<common::Partition> SourceOf(
      const TopicPartition& place, const common::RecordHeaders& headers) const {
    if (place.topic != topics_.dead) return place.partition;
    return PartitionIn(headers, common::header::kDeadPartition);
  }

  Result<void> JudgeAll() {
    std::set<TransactionName> names;
    for (const UnendedTransaction& open : found_.open) {
      if (open.name) names.insert(*open.name);
    }
    for (UnendedTransaction& open : found_.open) {
      if (!open.name || open.place.topic == topics_.callbacks) continue;
      std::vector<common::OffsetWitnessed> offsets;
      for (const common::Partition source : open.sources) {
        if (!bounds_.at(topics_.callbacks).contains(source)) continue;
        const auto offset = OffsetOf(source);
        if (!offset) return offset.error();
        offsets.push_back(*offset);
        for (const std::string& topic : {topics_.processes, topics_.seen}) {
          if (auto added = AddTwins(open, {topic, source}, names); !added) return added;
        }
      }
      for (const auto& [partition, bounds] : bounds_.at(topics_.dead)) {
        if (auto added = AddTwins(open, {topics_.dead, partition}, names); !added) {
          return added;
        }
      }
      open.verdict = common::JudgeTransaction(*open.name, offsets, open.twins);
    }
    return {};
  }

  Result<common::OffsetWitnessed> OffsetOf(common::Partition partition) {
    const auto known = offsets_.find(partition);
    if (known != offsets_.end()) return known->second;
    auto offset = log_.CommittedOffset(partition);
    if (offset) offsets_[partition] = *offset;
    return offset;
  }

  Result<void> AddTwins(UnendedTransaction& open, const TopicPartition& place,
                        const std::set<TransactionName>& names) {
    if (place == open.place) return {};
    if (!twins_.contains(place)) {
      if (auto read = ReadTwins(place, names); !read) return read;
    }
    open.twins += twins_.at(place).Of(*open.name);
    return {};
  }

  Result<void> ReadTwins(const TopicPartition& place, const std::set<TransactionName>& names) {
    TwinTally& tally = twins_.emplace(place, names).first->second;
    const auto bounds = bounds_.at(place.topic).find(place.partition);
    if (bounds == bounds_.at(place.topic).end()) return {};
    const common::Offset to = bounds->second.stable;
    const common::Offset from = std::max(bounds->second.begin, to - kDepth);
    const auto note = [&](const rd_kafka_message_t& message) {
      tally.AddWritten(kafka::OffsetOf(message), kafka::HeadersOf(message));
    };
    const auto read = [&](kafka::IsolationLevel isolation, const TransactionLog::Visit& visit) {
      return log_.Read(isolation, place.topic, place.partition, {from, to}, visit);
    };
    if (auto all = read(kafka::IsolationLevel::kReadUncommitted, note); !all) return all;
    if (tally.IsEmpty()) return {};
    const auto see = [&](const rd_kafka_message_t& message) {
      tally.AddVisible(kafka::OffsetOf(message));
    };
    return read(kafka::IsolationLevel::kReadCommitted, see);
  }

  TransactionLog& log_;
  const common::TopicNames& topics_;
  std::map<std::string, Bounds> bounds_;
  std::map<common::Partition, common::OffsetWitnessed> offsets_;
  std::map<TopicPartition, TwinTally> twins_;
  TransactionsSurvey found_;
};

}  // namespace

std::string ToText(const TopicPartition& place) {
  return place.topic + ":" + ToText(place.partition);
}

std::optional<TopicPartition> ParseTopicPartition(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const auto partition = common::ParseNumber<std::int32_t>(text.substr(colon + 1));
  if (!partition || *partition < 0) return std::nullopt;
  return TopicPartition{std::string(text.substr(0, colon)), common::Partition(*partition)};
}

Result<TransactionsSurvey> Survey(TransactionLog& log, const common::TopicNames& topics,
                                  const SurveyScope& scope) {
  return Surveyor(log, topics).Run(scope);
}

PendingOffsets Aged(const PendingOffsets& earlier, PendingOffsets now,
                    std::chrono::seconds elapsed) {
  for (auto& [partition, pending] : now) {
    const auto before = earlier.find(partition);
    if (before == earlier.end() || before->second.committed != pending.committed) continue;
    pending.age = before->second.age + elapsed;
  }
  return now;
}

}  // namespace ctl
