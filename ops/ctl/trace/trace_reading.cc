#include "ops/ctl/trace/trace_reading.h"

#include <algorithm>
#include <set>
#include <thread>

#include "common/callback/callback_facts.h"
#include "common/domain/key_partition.h"
#include "common/domain/marker.h"
#include "common/domain/record_headers.h"
#include "ops/ctl/records/header_values.h"
#include "ops/ctl/records/record_position.h"
#include "ops/ctl/trace/older_counts.h"
#include "ops/ctl/trace/scanned_records.h"

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
/// Of each partition, to find older numbers of partitions.
constexpr std::int64_t kSample = 16;
/// A marker's time is that of its callback, rounded up to the hour, and clocks differ.
constexpr std::chrono::hours kMarkerSlack{2};

/// The keys whose results may have another key: the callback's key is not a processId.
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
      {&reader->seen_, &topics.seen},
      {&reader->expected_, &topics.expected}};
  for (const auto& [scan, topic] : scans) {
    auto opened = TopicScan::Open(reader->settings_, *topic);
    if (!opened) return opened.error();
    *scan = *std::move(opened);
  }
  return reader;
}

Result<std::map<std::string, TracedKey>> TraceReader::Read(const TraceRequest& request) {
  const auto whole = callbacks_->Find({});
  if (!whole) return whole.error();
  whole_ = *whole;
  counts_ = {static_cast<int>(whole_.size())};
  // Before the outcomes are read, so that none of a callback below an offset is missed.
  ReadCommitted();
  Keys keys;
  std::set<common::Partition> partitions;
  for (const auto& [partition, extent] : whole_) partitions.insert(partition);
  if (!request.is_dossier) partitions = PartitionsOf(request.id);
  if (const auto read = ReadAll(request, partitions, keys); !read) return read.error();
  if (keys.empty() && !request.is_dossier) {
    const auto key = FindKeyOfEvent(request);
    if (!key) return key.error();
    if (*key) {
      TraceRequest by_key = request;
      by_key.id = **key;
      const auto read = ReadAll(by_key, PartitionsOf(by_key.id), keys);
      if (!read) return read.error();
    }
  }
  if (keys.empty() && !request.is_dossier) {
    if (const auto found = FindOlder(request.from); !found) {
      if (stop_.stop_requested()) return found.error();
      may_be_elsewhere_ = true;
      notes_.push_back("whether partitions were added is unknown: " + found.error().detail);
    }
    std::set<common::Partition> others = PartitionsOf(request.id);
    std::erase_if(others, [&](common::Partition one) { return partitions.contains(one); });
    if (!others.empty()) {
      if (const auto read = ReadAll(request, others, keys); !read) return read.error();
    }
  }
  if (counts_.size() > 1 && !request.is_dossier) {
    std::string numbers;
    for (const int count : counts_) {
      numbers += (numbers.empty() ? "" : ", ") + std::to_string(count);
    }
    notes_.push_back("partitions were added to " + settings_.topics.callbacks + ": " + numbers +
                     " of them; the trace has looked where each number puts the key");
  }
  return keys;
}

Result<void> TraceReader::ReadAll(const TraceRequest& request,
                                  const std::set<common::Partition>& partitions, Keys& keys) {
  const auto note = [&](std::string_view what, const common::Error& error) {
    notes_.push_back(std::string(what) + " are unknown: " + error.detail);
  };
  // Reads announcements first, or a callback that arrives meanwhile would be missed.
  if (const auto read = ReadAnnouncements(request, partitions, keys); !read) {
    note("announcements", read.error());
  }
  if (const auto read = ReadCallbacks(request, partitions, keys); !read) return read.error();
  // The callbacks of a process may have expired before its result.
  if (keys.empty() && !request.is_dossier) keys[request.id].partitions = partitions;
  if (keys.empty()) return {};
  if (const auto read = ReadResults(request, keys); !read) return read.error();
  if (const auto read = ReadLetters(request, keys); !read) note("dead letters", read.error());
  if (const auto read = ReadMarkers(keys); !read) note("markers", read.error());
  if (stop_.stop_requested()) {
    return Interrupted();
  }
  std::erase_if(keys, [](const auto& entry) { return entry.second.facts.IsEmpty(); });
  return {};
}

void TraceReader::ReadCommitted() {
  std::vector<common::Partition> partitions;
  for (const auto& [partition, extent] : whole_) partitions.push_back(partition);
  const auto committed = group_->CommittedBefore(partitions, Deadline::After(kGroupLimit));
  if (!committed) {
    notes_.push_back("the group's offsets are unknown: " + committed.error().detail);
    return;
  }
  const int count = *counts_.begin();
  for (const auto& [partition, offset] : *committed) {
    committed_[partition] = offset.offset;
    const int then = offset.metadata.partitions.value_or(count);
    if (then < count) counts_.insert(then);
  }
}

void TraceReader::JudgeCommitted(const Extents& ends) {
  for (const auto& [partition, extent] : ends) {
    const auto offset = committed_.find(partition);
    if (offset == committed_.end() || offset->second <= extent.to) continue;
    notes_.push_back("partition " + ToText(partition) + ": the log went back: it ends at offset " +
                     ToText(extent.to) + ", the group stands at " + ToText(offset->second));
    committed_.erase(offset);
  }
}

Result<void> TraceReader::FindOlder(std::optional<WallTime> from) {
  auto extents = callbacks_->Find({.from = from});
  if (!extents) return extents.error();
  for (auto& [partition, extent] : *extents) extent.to = std::min(extent.to, extent.from + kSample);
  std::vector<PlacedKey> oldest;
  const auto read = ReadStable(
      *callbacks_, settings_.topics.callbacks, *extents, [&](const ScannedRecord& record) {
        if (!record.key().empty()) {
          oldest.push_back({record.partition(), std::string(record.key())});
        }
        return true;
      });
  if (!read) return read.error();
  const OlderCounts older = FindOlderCounts(oldest, static_cast<int>(whole_.size()), counts_);
  may_be_elsewhere_ = !older.is_complete;
  counts_.insert(older.counts.begin(), older.counts.end());
  return {};
}

Result<void> TraceReader::ReadAnnouncements(const TraceRequest& request,
                                            const std::set<common::Partition>& partitions,
                                            Keys& keys) {
  const auto extents = expected_->Find({.partitions = {partitions.begin(), partitions.end()},
                                        .skips_missing = true,
                                        .from = request.from});
  if (!extents) return extents.error();
  const auto read =
      ReadStable(*expected_, settings_.topics.expected, *extents, [&](const ScannedRecord& record) {
        if (!request.is_dossier && record.key() != request.id) return true;
        TracedAnnouncement announcement = ToTracedAnnouncement(record);
        const std::string key(record.key());
        // One that takes others back has no dossier.
        if (request.is_dossier && announcement.dossier != request.id && !keys.contains(key)) {
          return true;
        }
        TracedKey& traced = keys[key];
        traced.partitions.insert(record.partition());
        if (!request.is_dossier) traced.partitions.insert(partitions.begin(), partitions.end());
        traced.facts.Add(std::move(announcement));
        return true;
      });
  if (!read) return read.error();
  return {};
}

Result<void> TraceReader::ReadCallbacks(const TraceRequest& request,
                                        const std::set<common::Partition>& partitions, Keys& keys) {
  const auto extents = callbacks_->Find(
      {.partitions = {partitions.begin(), partitions.end()}, .from = request.from});
  if (!extents) return extents.error();
  JudgeCommitted(*extents);
  const auto cut = ReadStable(
      *callbacks_, settings_.topics.callbacks, *extents, [&](const ScannedRecord& record) {
        if (!request.is_dossier && record.key() != request.id) return true;
        const common::RecordHeaders headers = record.headers();
        common::CallbackFacts facts =
            common::ReadCallback(record.value(), headers, settings_.providers);
        if (request.is_dossier && facts.dossier.str() != request.id) return true;
        TracedKey& traced = keys[std::string(record.key())];
        traced.partitions.insert(record.partition());
        traced.facts.Add(ToTracedCallback(record, std::move(facts), headers, settings_.providers));
        return true;
      });
  if (!cut) return cut.error();
  for (const common::Partition partition : *cut) {
    cut_.insert(partition);
    notes_.push_back("partition " + ToText(partition) +
                     ": an open transaction hides the callbacks after it; see `sluicectl "
                     "transactions`");
  }
  return {};
}

Result<std::optional<std::string>> TraceReader::FindKeyOfEvent(const TraceRequest& request) {
  std::optional<std::string> key;
  const auto& rows = settings_.providers.rows();
  if (std::ranges::none_of(rows, [](const auto& row) { return row.events.has_value(); })) {
    return key;
  }
  const auto extents = callbacks_->Find({.from = request.from});
  if (!extents) return extents.error();
  const auto read = ReadStable(
      *callbacks_, settings_.topics.callbacks, *extents, [&](const ScannedRecord& record) {
        const auto facts =
            common::ReadCallback(record.value(), record.headers(), settings_.providers);
        if (facts.event_id && facts.event_id->str() == request.id) key = record.key();
        return !key;
      });
  if (!read) return read.error();
  return key;
}

Result<void> TraceReader::ReadResults(const TraceRequest& request, Keys& keys) {
  // While partitions are being added, a topic may have fewer than another.
  ScanRange range{.skips_missing = true, .from = request.from};
  std::set<common::Partition> partitions;
  for (const auto& [key, traced] : keys) {
    partitions.insert(traced.partitions.begin(), traced.partitions.end());
  }
  range.partitions.assign(partitions.begin(), partitions.end());
  const auto extents = processes_->Find(range);
  if (!extents) return extents.error();
  const std::map<std::string, TracedKey*> by = ByKeyOfResult(keys);
  const auto read = ReadStable(
      *processes_, settings_.topics.processes, *extents, [&](const ScannedRecord& record) {
        const auto found = by.find(std::string(record.key()));
        if (found != by.end())
          found->second->facts.Add(ToTracedResult(record, settings_.providers));
        return true;
      });
  if (!read) return read.error();
  return {};
}

Result<void> TraceReader::ReadLetters(const TraceRequest& request, Keys& keys) {
  const auto whole = dead_->Find({});
  if (!whole) return whole.error();
  dead_partitions_ = static_cast<int>(whole->size());
  std::set<common::Partition> partitions;
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
        if (found != keys.end()) found->second.facts.Add(ToTracedLetter(record));
        return true;
      });
  if (!read) return read.error();
  return {};
}

Result<void> TraceReader::ReadMarkers(Keys& keys) {
  std::map<common::Identity, TracedKey*> wanted;
  std::set<common::Partition> partitions;
  std::optional<WallTime> from;
  for (auto& [key, traced] : keys) {
    const auto identities = traced.facts.WithoutOutcome(committed_);
    if (identities.empty()) continue;
    for (const common::Identity& identity : identities) wanted.emplace(identity, &traced);
    partitions.insert(traced.partitions.begin(), traced.partitions.end());
    for (const TracedCallback& callback : traced.facts.callbacks()) {
      const auto longest = std::max(callback.windows.identity, callback.windows.event);
      const WallTime earliest = callback.times.judged_at - longest - kMarkerSlack;
      from = std::min(from.value_or(earliest), earliest);
    }
  }
  if (wanted.empty()) return {};
  ScanRange range{.skips_missing = true, .from = from};
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
          found->second->facts.Add(TracedMarker{.place = {record.partition(), record.offset()},
                                                .marker = *marker,
                                                .is_reconciled = IsReconciled(headers),
                                                .instance = TextOf(headers, header::kInstance)});
        }
        return true;
      });
  if (!read) return read.error();
  return {};
}

Result<std::set<common::Partition>> TraceReader::ReadStable(TopicScan& scan,
                                                            const std::string& topic,
                                                            const Extents& extents,
                                                            const Visit& visit) {
  if (extents.empty()) return std::set<common::Partition>();
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
  std::set<common::Partition> cut;
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
                                                 common::Partition partition) {
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

bool TraceReader::IsOffsetPending(common::Partition partition) {
  const auto [known, is_new] = pending_.try_emplace(partition, false);
  if (!is_new) return known->second;
  const bool is_stable = group_->Committed({partition}, Deadline::After(kPendingLimit)).has_value();
  // Otherwise nothing answers, and the reason is another one.
  known->second = !is_stable &&
                  group_->CommittedBefore({partition}, Deadline::After(kPendingLimit)).has_value();
  return known->second;
}

std::set<common::Partition> TraceReader::PartitionsOf(const std::string& key) const {
  std::set<common::Partition> partitions;
  for (const int count : counts_) partitions.insert(common::PartitionOf(key, count));
  return partitions;
}

std::optional<OpenOnTopic> TraceReader::FindCut(common::Partition partition) {
  if (!cut_.contains(partition)) return std::nullopt;
  return FindOpen(*callbacks_, settings_.topics.callbacks, partition);
}

WaitFacts TraceReader::LookAt(const std::string& key, common::Partition partition) {
  WaitFacts facts{.begin = whole_[partition].from};
  if (const auto at = committed_.find(partition); at != committed_.end()) {
    facts.committed = at->second;
  }
  const auto look = [&](TopicScan& scan, const std::string& topic, common::Partition on) {
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
