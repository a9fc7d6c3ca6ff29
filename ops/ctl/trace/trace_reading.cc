#include "ops/ctl/trace/trace_reading.h"

#include <algorithm>
#include <set>
#include <thread>

#include "common/callback/callback_facts.h"
#include "common/domain/key_partition.h"
#include "common/domain/marker.h"
#include "common/domain/record_headers.h"
#include "ops/ctl/records/header_values.h"
#include "ops/ctl/records/named_callback.h"
#include "ops/ctl/records/record_position.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Result;
using common::WallTime;
using std::chrono::milliseconds;
using std::chrono::seconds;
namespace header = common::header;

constexpr seconds kGroupLimit{5};
constexpr milliseconds kPendingLimit{2'000};
/// How long to wait for a transaction to end. Most last for milliseconds.
constexpr milliseconds kOpenLimit{2'000};
constexpr milliseconds kPause{100};
/// A marker's time is that of its callback, rounded up to the hour, and clocks differ.
constexpr std::chrono::hours kMarkerSlack{2};

common::RecordPosition PlaceOf(const ScannedRecord& record) {
  return {record.partition(), record.offset()};
}

TracedCallback CallbackOf(const ScannedRecord& record, common::CallbackFacts facts,
                          const common::RecordHeaders& headers,
                          const common::ProviderTable& providers) {
  const seconds window = providers[facts.row].dedup_window;
  const common::RecordTimes times =
      common::TimesOf(facts, record.time(), window, providers.DedupReach());
  return {.place = PlaceOf(record),
          .at = record.time(),
          .key = std::string(record.key()),
          .facts = std::move(facts),
          .times = times,
          .window = window,
          .request_id = TextOf(headers, header::kRequestId),
          .ingest_instance = TextOf(headers, header::kIngestInstance),
          .redrive = TextOf(headers, header::kRedrive)};
}

TracedOutcome ResultOf(const ScannedRecord& record) {
  const common::RecordHeaders headers = record.headers();
  const auto name = ReadResultName(record.value());
  return {.is_result = true,
          .place = PlaceOf(record),
          .at = record.time(),
          .callback = name ? std::optional(name->place) : std::nullopt,
          .request_id = TextOf(headers, header::kRequestId),
          .instance = TextOf(headers, header::kInstance),
          .attempts = NumberOf(headers, header::kAttempts)};
}

TracedOutcome LetterOf(const ScannedRecord& record) {
  const common::RecordHeaders headers = record.headers();
  return {.is_result = false,
          .place = PlaceOf(record),
          .at = record.time(),
          .callback =
              ParseRecordPosition(common::LastHeader(headers, header::kDeadPartition).value_or(""),
                                  common::LastHeader(headers, header::kDeadOffset).value_or("")),
          .request_id = TextOf(headers, header::kRequestId),
          .redrive = TextOf(headers, header::kRedrive),
          .instance = TextOf(headers, header::kInstance),
          .attempts = NumberOf(headers, header::kDeadAttempts),
          .reason = TextOf(headers, header::kDeadReason),
          .http_status = NumberOf(headers, header::kDeadHttpStatus),
          .trace_id = TextOf(headers, header::kDeadTraceId)};
}

/// The keys whose results may have another key: that of a callback is no processId.
std::map<std::string, TracedKey*> ByKeyOfResult(std::map<std::string, TracedKey>& keys) {
  std::map<std::string, TracedKey*> by;
  for (auto& [key, traced] : keys) {
    by.emplace(key, &traced);
    for (const TracedCallback& callback : traced.facts.callbacks()) {
      if (callback.facts.is_readable) by.emplace(callback.facts.process.str(), &traced);
    }
  }
  return by;
}

}  // namespace

Result<std::unique_ptr<TraceReader>> TraceReader::Open(ClusterSettings settings, Progress& progress,
                                                       std::stop_token stop) {
  std::unique_ptr<TraceReader> reader(
      new TraceReader(std::move(settings), progress, std::move(stop)));
  const common::TopicNames& topics = reader->settings_.topics;
  auto group = GroupReader::Open(reader->settings_);
  if (!group) return group.error();
  reader->group_ = *std::move(group);
  const std::pair<std::unique_ptr<TopicScan>*, const std::string*> scans[] = {
      {&reader->callbacks_, &topics.callbacks},
      {&reader->processes_, &topics.processes},
      {&reader->dead_, &topics.dead},
      {&reader->seen_, &topics.seen}};
  for (const auto& [scan, topic] : scans) {
    auto opened = TopicScan::Open(reader->settings_, *topic);
    if (!opened) return opened.error();
    *scan = *std::move(opened);
  }
  return reader;
}

Result<std::map<std::string, TracedKey>> TraceReader::Read(const TraceRequest& request) {
  Keys keys;
  if (const auto read = ReadCallbacks(request, keys); !read) return read.error();
  // The callbacks of a process may have expired before its result.
  if (keys.empty() && !request.is_dossier) {
    keys[request.id].partition = PartitionOf(request.id);
  }
  if (keys.empty()) return keys;
  if (const auto read = ReadResults(request, keys); !read) return read.error();
  const auto note = [&](std::string_view what, const common::Error& error) {
    notes_.push_back(std::string(what) + " are unknown: " + error.detail);
  };
  if (const auto read = ReadLetters(request, keys); !read) note("dead letters", read.error());
  if (const auto read = ReadMarkers(keys); !read) note("markers", read.error());
  if (stop_.stop_requested()) {
    return Interrupted();
  }
  std::erase_if(keys, [](const auto& entry) { return entry.second.facts.IsEmpty(); });
  return keys;
}

Result<CommittedOffsets> TraceReader::ReadCommitted(const std::vector<std::int32_t>& partitions) {
  auto committed = group_->CommittedBefore(partitions, Deadline::After(kGroupLimit));
  if (!committed) {
    notes_.push_back("the group's offsets are unknown: " + committed.error().detail);
    return CommittedOffsets();
  }
  const auto ends = callbacks_->Find({.partitions = partitions});
  if (!ends) return ends.error();
  std::erase_if(*committed, [&](const auto& entry) {
    const std::int64_t end = ends->at(entry.first).to;
    if (entry.second.offset <= end) return false;
    notes_.push_back("partition " + std::to_string(entry.first) +
                     ": the log went back: it ends at offset " + std::to_string(end) +
                     ", the group stands at " + std::to_string(entry.second.offset));
    return true;
  });
  return committed;
}

Result<void> TraceReader::ReadCallbacks(const TraceRequest& request, Keys& keys) {
  const auto whole = callbacks_->Find({});
  if (!whole) return whole.error();
  whole_ = *whole;
  const auto count = static_cast<int>(whole->size());
  ScanRange range{.from = request.from};
  for (const auto& [partition, extent] : *whole) {
    if (request.is_dossier || partition == common::PartitionOf(request.id, count)) {
      range.partitions.push_back(partition);
    }
  }
  const auto extents = callbacks_->Find(range);
  if (!extents) return extents.error();
  // Before the outcomes are read, so that none of a callback below the offset is missed.
  const auto committed = ReadCommitted(range.partitions);
  if (!committed) return committed.error();
  const auto cut = ReadStable(
      *callbacks_, settings_.topics.callbacks, *extents, [&](const ScannedRecord& record) {
        if (!request.is_dossier && record.key() != request.id) return true;
        const common::RecordHeaders headers = record.headers();
        common::CallbackFacts facts =
            common::ReadCallback(record.value(), headers, settings_.providers);
        if (request.is_dossier && facts.dossier.str() != request.id) return true;
        TracedKey& traced = keys[std::string(record.key())];
        traced.partition = record.partition();
        const auto offset = committed->find(record.partition());
        if (offset != committed->end()) traced.committed = offset->second.offset;
        traced.facts.Add(CallbackOf(record, std::move(facts), headers, settings_.providers));
        return true;
      });
  if (!cut) return cut.error();
  cut_ = *cut;
  for (const std::int32_t partition : cut_) {
    notes_.push_back("partition " + std::to_string(partition) +
                     ": an open transaction hides the callbacks after it; see `sluicectl "
                     "transactions`");
  }
  return {};
}

Result<void> TraceReader::ReadResults(const TraceRequest& request, Keys& keys) {
  ScanRange range{.from = request.from};
  std::set<std::int32_t> partitions;
  for (const auto& [key, traced] : keys) partitions.insert(traced.partition);
  range.partitions.assign(partitions.begin(), partitions.end());
  const auto extents = processes_->Find(range);
  if (!extents) return extents.error();
  const std::map<std::string, TracedKey*> by = ByKeyOfResult(keys);
  const auto read = ReadStable(*processes_, settings_.topics.processes, *extents,
                               [&](const ScannedRecord& record) {
                                 const auto found = by.find(std::string(record.key()));
                                 if (found != by.end()) found->second->facts.Add(ResultOf(record));
                                 return true;
                               });
  if (!read) return read.error();
  return {};
}

Result<void> TraceReader::ReadLetters(const TraceRequest& request, Keys& keys) {
  const auto whole = dead_->Find({});
  if (!whole) return whole.error();
  dead_partitions_ = static_cast<int>(whole->size());
  std::set<std::int32_t> partitions;
  for (const auto& [key, traced] : keys) {
    partitions.insert(common::PartitionOf(key, *dead_partitions_));
  }
  ScanRange range{.from = request.from};
  range.partitions.assign(partitions.begin(), partitions.end());
  const auto extents = dead_->Find(range);
  if (!extents) return extents.error();
  const auto read =
      ReadStable(*dead_, settings_.topics.dead, *extents, [&](const ScannedRecord& record) {
        const auto found = keys.find(std::string(record.key()));
        if (found != keys.end()) found->second.facts.Add(LetterOf(record));
        return true;
      });
  if (!read) return read.error();
  return {};
}

Result<void> TraceReader::ReadMarkers(Keys& keys) {
  std::map<common::Identity, TracedKey*> wanted;
  std::set<std::int32_t> partitions;
  std::optional<WallTime> from;
  for (auto& [key, traced] : keys) {
    const auto identities = traced.facts.WithoutOutcome(traced.committed);
    if (identities.empty()) continue;
    for (const common::Identity& identity : identities) wanted.emplace(identity, &traced);
    partitions.insert(traced.partition);
    for (const TracedCallback& callback : traced.facts.callbacks()) {
      const WallTime earliest = callback.times.judged_at - callback.window - kMarkerSlack;
      from = std::min(from.value_or(earliest), earliest);
    }
  }
  if (wanted.empty()) return {};
  ScanRange range{.from = from};
  range.partitions.assign(partitions.begin(), partitions.end());
  const auto extents = seen_->Find(range);
  if (!extents) return extents.error();
  const auto read =
      ReadStable(*seen_, settings_.topics.seen, *extents, [&](const ScannedRecord& record) {
        const auto identity = common::Identity::FromBytes(record.key());
        const auto found = identity ? wanted.find(*identity) : wanted.end();
        if (found == wanted.end()) return true;
        const common::RecordHeaders headers = record.headers();
        const auto marker = common::ReadMarker(record.key(), headers, record.time());
        if (marker) {
          found->second->facts.Add(TracedMarker{.place = PlaceOf(record),
                                                .marker = *marker,
                                                .instance = TextOf(headers, header::kInstance)});
        }
        return true;
      });
  if (!read) return read.error();
  return {};
}

Result<std::set<std::int32_t>> TraceReader::ReadStable(TopicScan& scan, const std::string& topic,
                                                       const Extents& extents, const Visit& visit) {
  const auto stable = ClipToStable(scan, extents);
  if (!stable) return stable.error();
  const auto ended = scan.Read(
      {.extents = *stable,
       .visit = visit,
       .progress = [&](std::int64_t done, std::int64_t total) { progress_.Show(done, total); },
       .stop = stop_});
  if (!ended) return ended.error();
  if (*ended == TopicScan::Ended::kByStop) {
    return Interrupted("interrupted while reading " + topic);
  }
  std::set<std::int32_t> cut;
  for (const auto& [partition, extent] : extents) {
    if (stable->at(partition).to < extent.to) cut.insert(partition);
  }
  return cut;
}

Result<Extents> TraceReader::ClipToStable(TopicScan& scan, Extents extents) const {
  const Deadline deadline = Deadline::After(kOpenLimit);
  while (true) {
    const auto stable = scan.FindStableEnds(extents);
    if (!stable) return stable.error();
    const bool is_stable = std::all_of(extents.begin(), extents.end(), [&](const auto& extent) {
      return stable->at(extent.first) >= extent.second.to;
    });
    if (is_stable) return extents;
    if (deadline.HasPassed() || stop_.stop_requested()) {
      for (auto& [partition, extent] : extents) {
        extent.to = std::max(extent.from, std::min(extent.to, stable->at(partition)));
      }
      return extents;
    }
    std::this_thread::sleep_for(kPause);
  }
}

std::optional<OpenOnTopic> TraceReader::FindOpen(TopicScan& scan, const std::string& topic,
                                                 std::int32_t partition) {
  const auto [known, is_new] = open_.try_emplace({topic, partition});
  if (!is_new) return known->second;
  const auto extents = scan.Find({.partitions = {partition}});
  if (!extents) return std::nullopt;
  const auto stable = ClipToStable(scan, *extents);
  if (!stable || *stable == *extents) return std::nullopt;
  OpenOnTopic open{.topic = topic,
                   .partition = partition,
                   .offset = stable->at(partition).to,
                   .since = {},
                   .instance = {}};
  if (const auto record = scan.PeekUncommitted(partition, open.offset)) {
    if (record->is_broker_time) open.since = record->time;
    open.instance = record->instance;
  }
  known->second = open;
  return open;
}

bool TraceReader::IsOffsetPending(std::int32_t partition) {
  const auto [known, is_new] = pending_.try_emplace(partition, false);
  if (!is_new) return known->second;
  const bool is_stable = group_->Committed({partition}, Deadline::After(kPendingLimit)).has_value();
  // Otherwise nothing answers, and the reason is another one.
  known->second = !is_stable &&
                  group_->CommittedBefore({partition}, Deadline::After(kPendingLimit)).has_value();
  return known->second;
}

std::int32_t TraceReader::PartitionOf(const std::string& key) const {
  return common::PartitionOf(key, static_cast<int>(whole_.size()));
}

std::optional<OpenOnTopic> TraceReader::FindCut(std::int32_t partition) {
  if (!cut_.contains(partition)) return std::nullopt;
  return FindOpen(*callbacks_, settings_.topics.callbacks, partition);
}

WaitFacts TraceReader::LookAt(const std::string& key, const TracedKey& traced) {
  const std::int32_t partition = traced.partition;
  WaitFacts facts{.committed = traced.committed, .begin = whole_[partition].from};
  const auto look = [&](TopicScan& scan, const std::string& topic, std::int32_t on) {
    if (auto open = FindOpen(scan, topic, on)) facts.open.push_back(*std::move(open));
  };
  look(*callbacks_, settings_.topics.callbacks, partition);
  look(*seen_, settings_.topics.seen, partition);
  look(*processes_, settings_.topics.processes, partition);
  if (dead_partitions_) {
    look(*dead_, settings_.topics.dead, common::PartitionOf(key, *dead_partitions_));
  }
  facts.is_offset_pending = IsOffsetPending(partition);
  if (!group_facts_) {
    if (auto group = group_->Describe(Deadline::After(kGroupLimit))) {
      group_facts_ = *std::move(group);
    }
  }
  facts.is_group_known = group_facts_.has_value();
  if (!group_facts_) return facts;
  for (const GroupMember& member : group_facts_->members) {
    if (std::binary_search(member.partitions.begin(), member.partitions.end(), partition)) {
      facts.reader = member.name;
    }
  }
  return facts;
}

}  // namespace ctl
