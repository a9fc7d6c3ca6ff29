#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/partition.h"
#include "ops/ctl/kafka/group_reader.h"
#include "ops/ctl/kafka/topic_scan.h"
#include "ops/ctl/shell/progress.h"
#include "ops/ctl/shell/settings.h"
#include "ops/ctl/trace/timeline.h"
#include "ops/ctl/trace/trace_waiting.h"

namespace ctl {

/// Which records to look for.
struct TraceRequest {
  /// The key: a processId, an event id, or the SHA-256 of a body without either; the id of an event
  /// with another key; with `is_dossier`, a dossierId. Normalised.
  std::string id;
  bool is_dossier = false;
  std::optional<common::WallTime> from{};  ///< Record time; none: all that the topics keep.
};

/// The records of one key.
struct TracedKey {
  TraceFacts facts;
  std::set<common::Partition> partitions{};  ///< Of `callbacks`, where its records are or may be.
};

/// Reads the records of a process, or of all processes of a dossier, from the topics: one partition
/// of each for a process, all of `callbacks` for a dossier, or to find the event. Markers are read
/// only for a callback without an outcome.
///
/// Where partitions were added, a key has another partition since. Older numbers of partitions are
/// known from the metadata of the group's offsets or, if nothing is found otherwise, from the
/// oldest records; the partitions of these are read too. `callbacks.dead` is read by its present
/// number.
///
/// A transaction that stays open delays the trace by two seconds, and hides what was written after
/// it on its partition. On `callbacks`, FindCut() tells so.
///
/// Threads: confined to one; every call is bounded.
/// Errors:  those of TopicScan for `callbacks` and `processes`; kRetry "interrupted" after a stop.
///          notes() names the other topics that could not be read.
class TraceReader {
 public:
  static common::Result<std::unique_ptr<TraceReader>> Open(ClusterSettings settings,
                                                           Progress& progress,
                                                           std::stop_token stop);

  /// By key. Empty if the topics have no such record.
  [[nodiscard]] common::Result<std::map<std::string, TracedKey>> Read(const TraceRequest& request);

  /// Why callbacks of a key may wait. Call after Read().
  [[nodiscard]] WaitFacts LookAt(const std::string& key, common::Partition partition);

  /// The open transaction behind which callbacks of the partition could not be read.
  [[nodiscard]] std::optional<OpenOnTopic> FindCut(common::Partition partition);
  /// Of `callbacks`, for a key: by its present number, and by each older one that is known. Call
  /// after Read().
  [[nodiscard]] std::set<common::Partition> PartitionsOf(const std::string& key) const;
  /// The group's. Call after Read().
  [[nodiscard]] const CommittedOf& committed() const { return committed_; }
  /// True if partitions were added, and there is no telling where keys were before. Call after a
  /// Read() that has found nothing.
  [[nodiscard]] bool MayBeElsewhere() const { return may_be_elsewhere_; }

  /// Sentences: what is unknown, and why.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

 private:
  using Keys = std::map<std::string, TracedKey>;
  using Visit = std::function<bool(const ScannedRecord&)>;

  TraceReader(ClusterSettings settings, Progress& progress, std::stop_token stop)
      : settings_(std::move(settings)), progress_(progress), stop_(std::move(stop)) {}

  common::Result<void> ReadAll(const TraceRequest& request,
                               const std::set<common::Partition>& partitions, Keys& keys);
  common::Result<void> ReadAnnouncements(const TraceRequest& request,
                                         const std::set<common::Partition>& partitions, Keys& keys);
  common::Result<void> ReadCallbacks(const TraceRequest& request,
                                     const std::set<common::Partition>& partitions, Keys& keys);
  /// The key of the first event with that id. None: there is none, or no row is of events.
  common::Result<std::optional<std::string>> FindKeyOfEvent(const TraceRequest& request);
  common::Result<void> ReadResults(const TraceRequest& request, Keys& keys);
  common::Result<void> ReadLetters(const TraceRequest& request, Keys& keys);
  common::Result<void> ReadMarkers(Keys& keys);
  /// Returns the partitions that it could not read to their ends.
  common::Result<std::set<common::Partition>> ReadStable(TopicScan& scan, const std::string& topic,
                                                         const Extents& extents,
                                                         const Visit& visit);
  /// Also the older numbers of partitions that the offsets rest on.
  void ReadCommitted();
  /// Forgets the offsets that a log which went back does not reach.
  void JudgeCommitted(const Extents& ends);
  /// Learns older numbers of partitions from the oldest records since then.
  common::Result<void> FindOlder(std::optional<common::WallTime> from);
  common::Result<Extents> ClipToStable(TopicScan& scan, Extents extents) const;
  /// Remembers the answer.
  std::optional<OpenOnTopic> FindOpen(TopicScan& scan, const std::string& topic,
                                      common::Partition partition);
  [[nodiscard]] bool IsOffsetPending(common::Partition partition);

  ClusterSettings settings_;
  Progress& progress_;
  std::stop_token stop_;
  std::unique_ptr<GroupReader> group_;
  std::unique_ptr<TopicScan> callbacks_;
  std::unique_ptr<TopicScan> processes_;
  std::unique_ptr<TopicScan> dead_;
  std::unique_ptr<TopicScan> seen_;
  std::unique_ptr<TopicScan> expected_;
  Extents whole_;         ///< Of `callbacks`.
  std::set<int> counts_;  ///< Of its partitions: the present number, and older ones.
  bool may_be_elsewhere_ = false;
  CommittedOf committed_;
  std::set<common::Partition> cut_;     ///< Partitions of `callbacks` not read to their ends.
  std::optional<int> dead_partitions_;  ///< None: unknown.
  std::map<std::pair<std::string, common::Partition>, std::optional<OpenOnTopic>> open_;
  std::map<common::Partition, bool> pending_;  ///< By partition: an offset is pending.
  std::optional<GroupFacts> group_facts_;
  std::vector<std::string> notes_;
};

}  // namespace ctl
