#include "ops/ctl/trace/trace_reading.h"

#include <algorithm>
#include <set>
#include <thread>

#include "common/base/number.h"
#include "common/callback/callback_facts.h"
#include "common/domain/key_partition.h"
#include "common/domain/marker.h"
#include "common/domain/record_headers.h"
#include "ops/ctl/records/named_callback.h"

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
/// Between the clocks of brokers and of those who set record times.
constexpr std::chrono::minutes kClockSlack{1};

std::optional<std::string> TextOf(const common::RecordHeaders& headers, std::string_view name) {
  const auto value = common::LastHeader(headers, name);
  return value ? std::optional<std::string>(*value) : std::nullopt;
}

std::optional<std::int64_t> NumberOf(const common::RecordHeaders& headers, std::string_view name) {
  return common::ParseNumber<std::int64_t>(common::LastHeader(headers, name).value_or(""));
}

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
  const auto partition = NumberOf(headers, header::kDeadPartition);
  const auto offset = NumberOf(headers, header::kDeadOffset);
  TracedOutcome letter{.is_result = false,
                       .place = PlaceOf(record),
                       .at = record.time(),
                       .request_id = TextOf(headers, header::kRequestId),
                       .instance = TextOf(headers, header::kInstance),
                       .attempts = NumberOf(headers, header::kDeadAttempts),
                       .reason = TextOf(headers, header::kDeadReason),
                       .http_status = NumberOf(headers, header::kDeadHttpStatus),
                       .trace_id = TextOf(headers, header::kDeadTraceId)};
  if (partition && offset) {
    letter.callback = common::RecordPosition{static_cast<std::int32_t>(*partition), *offset};
  }
  return letter;
}

/// The time before which no callback has an outcome; none if a callback is older than the range.
std::optional<WallTime> FirstOf(const std::map<std::string, TracedKey>& keys,
                                const TraceRequest& request) {
  std::optional<WallTime> first;
  for (const auto& [key, traced] : keys) {
    for (const TracedCallback& callback : traced.facts.callbacks()) {
      first = std::min(first.value_or(callback.at), callback.at);
    }
  }
  return first ? *first - kClockSlack : request.from;
}

bool HaveAllOutcomes(const std::map<std::string, TracedKey>& keys) {
  return !keys.empty() && std::all_of(keys.begin(), keys.end(), [](const auto& entry) {
    return !entry.second.facts.callbacks().empty() && entry.second.facts.HasAllOutcomes();
  });
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
  if (keys.empty() && !request.is_dossier) keys[request.id];
  if (const auto read = ReadResults(request, keys); !read) return read.error();
  if (const auto read = ReadLetters(request, keys); !read) return read.error();
  if (const auto read = ReadMarkers(keys); !read) return read.error();
  std::erase_if(keys, [](const auto& entry) { return entry.second.facts.IsEmpty(); });
  return keys;
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
  const auto committed = group_->CommittedBefore(range.partitions, Deadline::After(kGroupLimit));
  if (!committed) return committed.error();
  return ReadStable(
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
}

Result<void> TraceReader::ReadResults(const TraceRequest& request, Keys& keys) {
  if (keys.empty()) return {};
  ScanRange range{.from = FirstOf(keys, request)};
  std::set<std::int32_t> partitions;
  for (auto& [key, traced] : keys) {
    if (traced.facts.callbacks().empty()) {
      traced.partition = common::PartitionOf(key, static_cast<int>(whole_.size()));
    }
    partitions.insert(traced.partition);
  }
  range.partitions.assign(partitions.begin(), partitions.end());
  const auto extents = processes_->Find(range);
  if (!extents) return extents.error();
  return ReadStable(*processes_, settings_.topics.processes, *extents,
                    [&](const ScannedRecord& record) {
                      const auto found = keys.find(std::string(record.key()));
                      if (found == keys.end()) return true;
                      found->second.facts.Add(ResultOf(record));
                      return !HaveAllOutcomes(keys);
                    });
}

Result<void> TraceReader::ReadLetters(const TraceRequest& request, Keys& keys) {
  if (keys.empty() || HaveAllOutcomes(keys)) return {};
  const auto whole = dead_->Find({});
  if (!whole) return whole.error();
  std::set<std::int32_t> partitions;
  for (const auto& [key, traced] : keys) {
    partitions.insert(common::PartitionOf(key, static_cast<int>(whole->size())));
  }
  ScanRange range{.from = FirstOf(keys, request)};
  range.partitions.assign(partitions.begin(), partitions.end());
  const auto extents = dead_->Find(range);
  if (!extents) return extents.error();
  return ReadStable(*dead_, settings_.topics.dead, *extents, [&](const ScannedRecord& record) {
    const auto found = keys.find(std::string(record.key()));
    if (found == keys.end()) return true;
    found->second.facts.Add(LetterOf(record));
    return !HaveAllOutcomes(keys);
  });
}

Result<void> TraceReader::ReadMarkers(Keys& keys) {
  std::map<common::Identity, TracedKey*> wanted;
  ScanRange range;
  for (auto& [key, traced] : keys) {
    for (const common::Identity& identity : traced.facts.WithoutOutcome(traced.committed)) {
      wanted.emplace(identity, &traced);
      range.partitions.push_back(traced.partition);
    }
  }
  if (wanted.empty()) return {};
  std::sort(range.partitions.begin(), range.partitions.end());
  range.partitions.erase(std::unique(range.partitions.begin(), range.partitions.end()),
                         range.partitions.end());
  const auto extents = seen_->Find(range);
  if (!extents) return extents.error();
  return ReadStable(*seen_, settings_.topics.seen, *extents, [&](const ScannedRecord& record) {
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
}

Result<void> TraceReader::ReadStable(TopicScan& scan, const std::string& topic, Extents extents,
                                     const Visit& visit) {
  const auto stable = ClipToStable(scan, std::move(extents));
  if (!stable) return stable.error();
  const auto ended = scan.Read(
      {.extents = *stable,
       .visit = visit,
       .progress = [&](std::int64_t done, std::int64_t total) { progress_.Show(done, total); },
       .stop = stop_});
  if (!ended) return ended.error();
  if (*ended == TopicScan::Ended::kByStop) {
    return common::Error{common::Remedy::kRetry, "interrupted",
                         "interrupted while reading " + topic};
  }
  return {};
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
                                                 std::int32_t partition) const {
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
  return open;
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
  if (const auto letters = dead_->Find({}); letters && !letters->empty()) {
    look(*dead_, settings_.topics.dead,
         common::PartitionOf(key, static_cast<int>(letters->size())));
  }
  facts.is_offset_pending =
      !group_->Committed({partition}, Deadline::After(kPendingLimit)).has_value();
  if (const auto group = group_->Describe(Deadline::After(kGroupLimit))) {
    facts.is_group_known = true;
    for (const GroupMember& member : group->members) {
      if (std::binary_search(member.partitions.begin(), member.partitions.end(), partition)) {
        facts.reader = member.name;
      }
    }
  }
  return facts;
}

}  // namespace ctl
