#include "ops/ctl/raise/raising.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/base/deadline.h"
#include "common/base/number.h"
#include "common/domain/copied_record.h"
#include "common/domain/key_partition.h"
#include "common/domain/marker.h"
#include "ops/ctl/kafka/record_producer.h"
#include "ops/ctl/shell/arguments.h"
#include "ops/ctl/shell/progress.h"
#include "ops/ctl/shell/stoppable_wait.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Result;
using common::WallTime;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// ingest is stopped, or spools, if nothing has come for so long.
constexpr seconds kQuietTime{10};
constexpr milliseconds kLookPause{500};
/// For partitions that Kafka refused to add, which may be there.
constexpr seconds kRefusedLimit{3};
/// Markers know times to the hour, and clocks differ a little.
constexpr hours kSlack{3};

std::optional<std::uint32_t> HashOfMarker(const ScannedRecord& record) {
  const auto text = record.Header(std::string(common::kKeyHashHeader));
  return text ? common::ReadHashText(*text) : std::nullopt;
}

std::optional<std::uint32_t> HashOfKey(const ScannedRecord& record) {
  if (record.key().empty()) return std::nullopt;
  return common::Murmur2(record.key());
}

std::optional<common::CopyOrigin> OriginOf(const ScannedRecord& record) {
  const auto text = record.Header(std::string(common::kCopiedFromHeader));
  return text ? common::ReadCopyOrigin(*text) : std::nullopt;
}

/// The oldest timestamp that the topic's brokers take.
std::optional<WallTime> OldestTimestamp(const std::map<std::string, std::string>& config,
                                        WallTime now) {
  std::optional<WallTime> oldest;
  for (const char* const name :
       {"message.timestamp.before.max.ms", "message.timestamp.difference.max.ms"}) {
    const auto found = config.find(name);
    if (found == config.end()) continue;
    const auto limit = common::ParseNumber<std::int64_t>(found->second);
    const auto since_epoch = now.time_since_epoch().count();
    if (limit && *limit < since_epoch) {
      oldest = std::max(oldest.value_or(WallTime{}),
                        WallTime{milliseconds(since_epoch - *limit)} + kSlack);
    }
  }
  return oldest;
}

/// The sum of the logs' ends.
std::int64_t EndsOf(const Extents& logs) {
  std::int64_t sum = 0;
  for (const auto& [partition, log] : logs) sum += log.to;
  return sum;
}

}  // namespace

Raising::Raising(const ClusterSettings& settings, Output& output, RaiseSurvey& survey,
                 std::stop_token stop)
    : settings_(settings), output_(output), survey_(survey), stop_(std::move(stop)) {}

Result<void> Raising::Prepare(RaisePlan plan, bool must_know_all) {
  outcome_.plan = std::move(plan);
  committed_ = survey_.committed();
  const auto logs = survey_.LogOfCallbacks();
  if (!logs) return logs.error();
  ends_ = *logs;
  const auto waiting = survey_.Waiting(ends_, outcome_.plan.to);
  if (!waiting) return waiting.error();
  Judge(*waiting, must_know_all);
  if (Result<void> noted = NoteBaggage(*waiting); !noted) return noted;
  if (outcome_.forgotten > 0 && must_know_all) JudgeForgotten();
  if (!outcome_.refusals.empty() || outcome_.plan.is_resumed) return {};
  return AwaitQuiet();
}

Result<void> Raising::Run() {
  const common::TopicNames& names = settings_.topics;
  for (const std::string& topic : outcome_.plan.topics) {
    if (topic == names.callbacks || topic == names.expected) continue;
    if (auto added = Add(topic); !added) return added;
  }
  const auto copied = Copy(markers_);
  if (!copied) return copied.error();
  if (!outcome_.plan.is_resumed) {
    if (auto same = CheckAgain(*copied); !same) return same;
    if (auto added = Add(names.callbacks); !added) return added;
  }
  if (auto moved = MoveAnnouncements(); !moved) return moved;
  if (auto committed = CommitForNewNumber(); !committed) return committed;
  outcome_.is_complete = true;
  return CountLate();
}

// Their writers go on, so they are read only now.
Result<void> Raising::MoveAnnouncements() {
  const std::string& topic = settings_.topics.expected;
  if (announcements_.scan == nullptr) return {};
  if (std::ranges::count(outcome_.plan.topics, topic) > 0) {
    if (auto added = Add(topic); !added) return added;
  }
  if (auto noted = ReadBaggage(announcements_, AnnouncedFrom()); !noted) return noted;
  outcome_.announcements = {announcements_.moves->all(), announcements_.moves->to_copy()};
  const auto copied = Copy(announcements_);
  if (!copied) return copied.error();
  return {};
}

// Before the step that cannot be taken back: whoever has started meanwhile can go on with the old
// number, and the command can be repeated.
Result<void> Raising::CheckAgain(std::int64_t copied) {
  const auto changed = [](const std::string& what) {
    return common::Error{common::Remedy::kStop, "changed",
                         what +
                             ": nothing is lost. Let consumer handle what is there, stop it and "
                             "every ingest, and repeat the command"};
  };
  const auto facts = survey_.Facts();
  if (!facts) return facts.error();
  if (!facts->members.empty()) return changed(facts->members.front() + " has joined the group");
  const auto logs = survey_.LogOfCallbacks();
  if (!logs) return logs.error();
  if (EndsOf(*logs) != EndsOf(ends_)) return changed("callbacks have come");
  const auto markers = markers_.scan->Find({});
  if (!markers) return markers.error();
  if (EndsOf(*markers) != EndsOf(markers_.extents) + copied) return changed("markers were written");
  return {};
}

void Raising::Judge(const WaitingCallbacks& waiting, bool must_know_all) {
  if (!outcome_.plan.is_resumed && waiting.count > 0) {
    outcome_.refusals.push_back(std::to_string(waiting.count) +
                                " callbacks are not handled yet: let consumer finish, without "
                                "new ones from ingest, and stop it then");
  } else if (waiting.misplaced > 0 && must_know_all) {
    outcome_.refusals.push_back(
        std::to_string(waiting.misplaced) +
        " callbacks wait in partitions that the new number does not give them: an ingest ran that "
        "knew the old number, or partitions were added by other means; --forget-old if "
        "redeliveries "
        "of them may be published twice");
  } else {
    outcome_.forgotten_callbacks = waiting.misplaced;
  }
}

void Raising::JudgeForgotten() {
  const WallTime known = markers_.moves->newest_unknown() + settings_.DedupReach() + kSlack;
  outcome_.refusals.push_back(
      std::to_string(outcome_.forgotten) +
      " markers do not say where they belong, since an older release has written them: repeat the "
      "command after " +
      common::FormatRfc3339(known) +
      ", or with --forget-old if their callbacks may be published twice");
}

Result<void> Raising::NoteBaggage(const WaitingCallbacks& waiting) {
  const WallTime now = common::WallNow();
  const WallTime first = std::min(waiting.oldest.value_or(now), now);
  const WallTime marked_from = first - settings_.DedupReach() - kSlack;
  markers_ = {.topic = settings_.topics.seen, .hash_of = HashOfMarker, .are_markers = true};
  if (auto noted = Note(markers_, marked_from); !noted) return noted;
  outcome_.markers_from = marked_from;
  outcome_.markers = {markers_.moves->all(), markers_.moves->to_copy()};
  outcome_.forgotten = markers_.moves->unknown();
  announcements_ = {.topic = settings_.topics.expected, .hash_of = HashOfKey};
  const auto facts = survey_.cluster().Facts({settings_.topics.seen, settings_.topics.expected});
  if (!facts) return facts.error();
  oldest_timestamp_ = OldestTimestamp(facts->topics.at(settings_.topics.seen).config, now);
  if (facts->topics.at(settings_.topics.expected).partitions == 0) return {};
  if (auto noted = Note(announcements_, AnnouncedFrom()); !noted) return noted;
  outcome_.announcements = {announcements_.moves->all(), announcements_.moves->to_copy()};
  return {};
}

WallTime Raising::AnnouncedFrom() const {
  return common::WallNow() - settings_.ExpectedWait() - kSlack;
}

Result<void> Raising::Note(Baggage& baggage, WallTime from) {
  auto scan = TopicScan::Open(settings_, baggage.topic);
  if (!scan) return scan.error();
  baggage.scan = *std::move(scan);
  auto open = survey_.OpenOn(*baggage.scan, baggage.topic);
  if (!open) return open.error();
  std::ranges::move(*open, std::back_inserter(outcome_.refusals));
  if (outcome_.refusals.empty()) return ReadBaggage(baggage, from);
  baggage.moves.emplace(outcome_.plan.from, outcome_.plan.to, Extents());
  return {};
}

Result<void> Raising::ReadBaggage(Baggage& baggage, WallTime from) {
  auto extents = baggage.scan->Find({.from = from});
  if (!extents) return extents.error();
  baggage.extents = *std::move(extents);
  baggage.moves.emplace(outcome_.plan.from, outcome_.plan.to, baggage.extents);
  return Read(baggage, [&](const ScannedRecord& record) {
    baggage.moves->Note({.partition = record.partition(),
                         .offset = record.offset(),
                         .time = record.time(),
                         .hash = baggage.hash_of(record),
                         .copy_of = OriginOf(record)});
    return true;
  });
}

Result<void> Raising::Read(Baggage& baggage, const Visit& visit) {
  Progress progress(output_, baggage.topic);
  const auto read = baggage.scan->Read(
      {.extents = baggage.extents,
       .visit = visit,
       .progress = [&](std::int64_t done, std::int64_t total) { progress.Show(done, total); },
       .stop = stop_});
  if (!read) return read.error();
  if (*read == TopicScan::Ended::kByStop) return Interrupted();
  return {};
}

// Until nothing has come for a while, and nobody joins the group.
Result<void> Raising::AwaitQuiet() {
  const Deadline deadline = Deadline::After(kQuietTime);
  while (!deadline.HasPassed()) {
    if (WaitUntil(Deadline(std::min(deadline.at(), Deadline::After(kLookPause).at())), stop_)) {
      return Interrupted();
    }
    const auto now = survey_.LogOfCallbacks();
    if (!now) return now.error();
    const auto came = std::ranges::find_if(*now, [&](const auto& log) {
      const auto then = ends_.find(log.first);
      return then == ends_.end() || then->second.to != log.second.to;
    });
    if (came != now->end()) {
      outcome_.refusals.push_back("a callback came to partition " + std::to_string(came->first) +
                                  " just now: stop every ingest");
      return {};
    }
  }
  const auto facts = survey_.Facts();
  if (!facts) return facts.error();
  if (!facts->members.empty()) {
    outcome_.refusals.push_back(facts->members.front() + " has joined the group just now");
  }
  return {};
}

Result<void> Raising::Add(const std::string& topic) {
  const auto added = survey_.cluster().AddPartitions(topic, outcome_.plan.to);
  // A broker learns of it a moment later than the controller: a producer would fail until then, and an
  // interrupted command may have added them just before.
  const Deadline deadline = Deadline::After(added ? kLookUpLimit : kRefusedLimit);
  while (true) {
    const auto facts = survey_.cluster().Facts({topic});
    if (!facts) return facts.error();
    const auto& known = facts->topics.at(topic);
    if (known.partitions == outcome_.plan.to && known.leaderless == 0) return {};
    if (deadline.HasPassed() || WaitUntil(Deadline::After(kLookUpPause), stop_)) break;
  }
  if (stop_.stop_requested()) return Interrupted();
  if (!added) return added.error();
  return common::Error{common::Remedy::kRetry, "no_leader",
                       topic + " has new partitions that nobody leads"};
}

Result<std::int64_t> Raising::Copy(Baggage& baggage) {
  if (baggage.moves->to_copy() == 0) return std::int64_t{0};
  auto producer = RecordProducer::Open(settings_, baggage.topic, stop_);
  if (!producer) return producer.error();
  std::optional<common::Error> failed;
  const Result<void> read = Read(baggage, [&](const ScannedRecord& record) {
    const auto target =
        baggage.moves->TargetOf(record.partition(), record.offset(), baggage.hash_of(record));
    if (!target) return true;
    const auto timestamp =
        baggage.are_markers ? std::optional(TimestampFor(record.time())) : std::nullopt;
    const common::RecordHeaders headers = HeadersOfCopy(record, baggage);
    const Result<void> sent =
        producer.value()->Send({.place = {record.partition(), record.offset()},
                                .partition = *target,
                                .key = record.key(),
                                .value = record.value_or_null(),
                                .timestamp = timestamp,
                                .headers = headers});
    if (!sent) failed = sent.error();
    return sent.has_value() && producer.value()->failed() == 0;
  });
  producer.value()->Finish();
  if (!read) return read.error();
  if (failed) return *failed;
  if (const auto why = producer.value()->WhyFailed()) return *why;
  return producer.value()->stored();
}

WallTime Raising::TimestampFor(WallTime time) const {
  return oldest_timestamp_ && time < *oldest_timestamp_ ? common::WallNow() : time;
}

common::RecordHeaders Raising::HeadersOfCopy(const ScannedRecord& record,
                                             const Baggage& baggage) const {
  common::RecordHeaders headers = record.headers();
  const auto has = [&](std::string_view name) {
    return common::LastHeader(headers, name).has_value();
  };
  const bool is_copy = has(common::kCopiedFromHeader);
  const auto set_time = [&](std::string_view name) {
    std::erase_if(headers, [&](const auto& header) { return header.name == name; });
    headers.push_back({std::string(name), common::FormatRfc3339(record.time())});
  };
  if (baggage.are_markers) {
    // Also where the topic has LogAppendTime.
    if (!has(common::header::kRecordTime)) set_time(common::header::kRecordTime);
  } else if (!is_copy || !has(common::kAnnouncedAtHeader)) {
    set_time(common::kAnnouncedAtHeader);
  }
  std::erase_if(headers,
                [](const auto& header) { return header.name == common::kCopiedFromHeader; });
  headers.push_back({std::string(common::kCopiedFromHeader),
                     ToText(common::CopyOrigin{.partition = record.partition(),
                                               .offset = record.offset(),
                                               .partitions = outcome_.plan.to})});
  return headers;
}

Result<void> Raising::CommitForNewNumber() {
  const auto logs = survey_.LogOfCallbacks();
  if (!logs) return logs.error();
  CommittedOffsets offsets = committed_;
  for (std::int32_t partition = 0; partition < outcome_.plan.to; ++partition) {
    const auto log = logs->find(partition);
    // Where consumer would begin.
    const std::int64_t begin = log == logs->end() ? 0 : log->second.from;
    offsets.try_emplace(partition, common::kafka::CommittedOffset{.offset = begin});
    offsets.at(partition).metadata.partitions = outcome_.plan.to;
  }
  return survey_.group().Commit(offsets, Deadline::After(kLookUpLimit));
}

// An ingest that was not stopped sends callbacks by the number that it knows.
Result<void> Raising::CountLate() {
  const auto now = survey_.LogOfCallbacks();
  if (!now) return now.error();
  Extents late;
  for (const auto& [partition, then] : ends_) {
    const auto log = now->find(partition);
    if (log != now->end() && log->second.to > then.to) late[partition] = {then.to, log->second.to};
  }
  const auto counted = survey_.Count(late, outcome_.plan.to);
  if (!counted) return counted.error();
  outcome_.misplaced = counted->misplaced;
  return {};
}

}  // namespace ctl
