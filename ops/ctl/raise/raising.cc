#include "ops/ctl/raise/raising.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/base/deadline.h"
#include "ops/ctl/raise/copies.h"
#include "ops/ctl/raise/raise_refusals.h"
#include "ops/ctl/shell/arguments.h"
#include "ops/ctl/shell/stoppable_wait.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Result;
using common::WallTime;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// ingest is stopped, or spools, if nothing has come for so long.
constexpr seconds kQuietTime{10};
constexpr milliseconds kLookPause{500};
/// For partitions that Kafka refused to add, which may be there.
constexpr seconds kRefusedLimit{3};

/// The sum of the logs' ends.
std::int64_t EndsOf(const Extents& logs) {
  std::int64_t sum = 0;
  for (const auto& [partition, log] : logs) sum += log.to - common::Offset();
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
  if (auto judged = Judge(must_know_all); !judged) return judged;
  if (!outcome_.refusals.empty() || outcome_.plan.is_resumed) return {};
  return AwaitQuiet();
}

Result<void> Raising::Run() {
  const common::TopicNames& names = settings_.topics;
  for (const std::string& topic : outcome_.plan.topics) {
    if (topic == names.callbacks || topic == names.expected) continue;
    if (auto added = Add(topic); !added) return added;
  }
  const auto copied = markers_->Copy(oldest_timestamp_);
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
  if (announcements_ == nullptr) return {};
  if (std::ranges::count(outcome_.plan.topics, topic) > 0) {
    if (auto added = Add(topic); !added) return added;
  }
  if (auto read = announcements_->Read(AnnouncedFrom(), outcome_.plan); !read) return read;
  outcome_.announcements = announcements_->sum();
  const auto copied = announcements_->Copy(oldest_timestamp_);
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
  const auto markers = markers_->scan().Find({});
  if (!markers) return markers.error();
  if (EndsOf(*markers) != EndsOf(markers_->extents()) + copied)
    return changed("markers were written");
  return {};
}

Result<void> Raising::Judge(bool must_know_all) {
  const auto waiting = survey_.Waiting(ends_, outcome_.plan.to);
  if (!waiting) return waiting.error();
  auto why = WhyWaitingForbids(*waiting, outcome_.plan.is_resumed, must_know_all);
  if (why) {
    outcome_.refusals.push_back(*std::move(why));
  } else {
    outcome_.forgotten_callbacks = waiting->misplaced;
  }
  if (auto opened = OpenBaggage(*waiting); !opened) return opened;
  if (outcome_.forgotten == 0 || !must_know_all) return {};
  const WallTime known = markers_->moves()->newest_unknown() + settings_.DedupReach() + kClockSlack;
  outcome_.refusals.push_back(WhyForgottenForbid(outcome_.forgotten, known));
  return {};
}

Result<void> Raising::OpenBaggage(const WaitingCallbacks& waiting) {
  const common::TopicNames& names = settings_.topics;
  const WallTime now = common::WallNow();
  const WallTime first = std::min(waiting.oldest.value_or(now), now);
  const WallTime marked_from = first - settings_.DedupReach() - kClockSlack;
  auto markers = Open(names.seen, CopyOf::kMarker, marked_from);
  if (!markers) return markers.error();
  markers_ = *std::move(markers);
  outcome_.markers_from = marked_from;
  outcome_.markers = markers_->sum();
  if (markers_->moves()) outcome_.forgotten = markers_->moves()->unknown();
  const auto facts = survey_.cluster().Facts({names.seen, names.expected});
  if (!facts) return facts.error();
  oldest_timestamp_ = OldestTimestamp(facts->topics.at(names.seen).config, now);
  if (facts->topics.at(names.expected).partitions == 0) return {};
  auto announcements = Open(names.expected, CopyOf::kAnnouncement, AnnouncedFrom());
  if (!announcements) return announcements.error();
  announcements_ = *std::move(announcements);
  outcome_.announcements = announcements_->sum();
  return {};
}

/// Not read if something forbids it already.
Result<std::unique_ptr<Baggage>> Raising::Open(const std::string& topic, CopyOf what,
                                               WallTime from) {
  auto opened = Baggage::Open(settings_, output_, topic, what, stop_);
  if (!opened) return opened.error();
  auto open = survey_.OpenOn(opened.value()->scan(), topic);
  if (!open) return open.error();
  std::ranges::move(*open, std::back_inserter(outcome_.refusals));
  if (!outcome_.refusals.empty()) return opened;
  if (const auto read = opened.value()->Read(from, outcome_.plan); !read) return read.error();
  return opened;
}

WallTime Raising::AnnouncedFrom() const {
  return common::WallNow() - settings_.ExpectedWait() - kClockSlack;
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
      outcome_.refusals.push_back("a callback came to partition " + ToText(came->first) +
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
  // A broker learns of it a moment later than the controller: a producer would fail until then, and
  // an interrupted command may have added them just before.
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

Result<void> Raising::CommitForNewNumber() {
  const auto logs = survey_.LogOfCallbacks();
  if (!logs) return logs.error();
  CommittedOffsets offsets = committed_;
  for (const common::Partition partition : common::AllPartitions(outcome_.plan.to)) {
    const auto log = logs->find(partition);
    // Where consumer would begin.
    const common::Offset begin = log == logs->end() ? common::Offset() : log->second.from;
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
