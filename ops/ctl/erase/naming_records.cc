#include "ops/ctl/erase/naming_records.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "ops/ctl/erase/naming_judge.h"
#include "ops/ctl/kafka/cluster.h"
#include "ops/ctl/kafka/topic_scan.h"

namespace ctl {
namespace {

using common::Result;
using common::kafka::TopicFacts;
using What = NamingRecord::What;

/// The timestamps of one partition, as far as it was read.
struct PartitionTimes {
  bool are_of_broker = true;
  common::WallTime newest{};
};

class Search {
 public:
  Search(const ClusterSettings& settings, const NamingSearch& search, Progress& progress)
      : settings_(settings),
        search_(search),
        progress_(progress),
        judge_(search.dossier, settings.providers) {}

  Result<NamingRecords> Run() {
    const common::TopicNames& topics = settings_.topics;
    auto cluster = Cluster::Open(settings_);
    if (!cluster) return cluster.error();
    auto facts = cluster.value()->Facts(
        {topics.callbacks, topics.processes, topics.expected, topics.dead, topics.seen});
    if (!facts) return facts.error();
    // The markers last: their keys are hashes of what the others name.
    const std::pair<const std::string*, What> order[] = {{&topics.callbacks, What::kCallback},
                                                         {&topics.processes, What::kResult},
                                                         {&topics.expected, What::kAnnouncement},
                                                         {&topics.dead, What::kLetter},
                                                         {&topics.seen, What::kMarker}};
    for (const auto& [topic, what] : order) {
      if (what == What::kMarker) JudgeOpen();
      if (what == What::kAnnouncement && IsUnused(facts->topics.at(*topic))) continue;
      if (what == What::kMarker && !judge_.KnowsIdentities()) {
        const common::WallTime now = common::WallNow();
        found_.remarks.push_back(
            AboutLostMarkers(TopicRetention(facts->topics.at(*topic)).EndOf(now, now)));
        break;
      }
      if (const auto read = ReadTopic(*topic, what, facts->topics.at(*topic)); !read) {
        if (search_.stop.stop_requested()) return read.error();
        found_.gaps.push_back(*topic + " could not be read: " + read.error().detail);
      }
    }
    if (judge_.unjudged() > 0) found_.remarks.push_back(AboutUnjudged(judge_.unjudged()));
    std::ranges::sort(found_.records, {}, [](const NamingRecord& record) {
      return std::tuple(record.what, record.place.partition, record.place.offset);
    });
    found_.processes = judge_.processes();
    found_.rows = judge_.rows();
    return std::move(found_);
  }

 private:
  /// Of the topic of announcements: an earlier release did not create it.
  [[nodiscard]] bool IsUnused(const TopicFacts& expected) const {
    return !settings_.expected && expected.access == TopicFacts::Access::kMissing;
  }

  Result<void> ReadTopic(const std::string& topic, What what, const TopicFacts& facts) {
    if (facts.access == TopicFacts::Access::kMissing) {
      return common::Error{common::Remedy::kStop, "missing", "there is no such topic"};
    }
    auto scan = TopicScan::Open(settings_, topic);
    if (!scan) return scan.error();
    const auto extents = scan.value()->Find({.from = search_.from});
    if (!extents) return extents.error();
    const std::size_t first = found_.records.size();
    const std::size_t first_open = open_.size();
    std::map<common::Partition, PartitionTimes> times;
    const auto ended = scan.value()->Read(
        {.extents = *extents,
         .visit =
             [&](const ScannedRecord& record) {
               PartitionTimes& seen = times[record.partition()];
               seen.are_of_broker = seen.are_of_broker && record.is_broker_time();
               seen.newest = std::max(seen.newest, record.time());
               Note(topic, what, record);
               return true;
             },
         .progress = [&](std::int64_t done, std::int64_t all) { progress_.Show(done, all); },
         .stop = search_.stop,
         .with_uncommitted = true});
    const TopicRetention retention(facts);
    const common::WallTime now = common::WallNow();
    const auto set_end = [&](NamingRecord& record) {
      const PartitionTimes& seen = times.at(record.place.partition);
      record.end = retention.EndOf(seen.are_of_broker ? record.at : seen.newest, now);
    };
    for (std::size_t i = first; i < found_.records.size(); ++i) set_end(found_.records[i]);
    for (std::size_t i = first_open; i < open_.size(); ++i) set_end(open_[i].second);
    if (!ended) return ended.error();
    if (*ended == TopicScan::Ended::kByStop) {
      return Interrupted();
    }
    return {};
  }

  /// All that tells of processes has been read.
  void JudgeOpen() {
    for (auto& [open, record] : open_) {
      const auto how = judge_.JudgeAgain(open);
      if (!how || IsFull()) continue;
      record.how = *how;
      found_.records.push_back(std::move(record));
    }
    open_.clear();
  }

  bool IsFull() {
    if (found_.records.size() < NamingRecords::kMost) return false;
    if (!std::exchange(is_full_, true)) {
      found_.gaps.push_back("more than " + std::to_string(NamingRecords::kMost) +
                            " records name the dossier; the others are not listed");
    }
    return true;
  }

  void Keep(OpenRecord open, NamingRecord record) {
    if (open_.size() < NamingRecords::kMost) {
      open_.emplace_back(std::move(open), std::move(record));
    } else if (!std::exchange(is_open_full_, true)) {
      found_.gaps.push_back("more than " + std::to_string(NamingRecords::kMost) +
                            " records have a processId alone; whether others of them belong to the "
                            "dossier is unknown");
    }
  }

  void Note(const std::string& topic, What what, const ScannedRecord& record) {
    JudgedRecord judged{.key = record.key(), .value = record.value()};
    if (what != What::kMarker) judged.headers = record.headers();
    const common::RecordPosition place{record.partition(), record.offset()};
    const auto how = judge_.Judge(what, judged);
    NamingRecord naming{.what = what, .topic = topic, .place = place, .at = record.time()};
    if (!how) {
      if (auto open = judge_.Open(what, topic, place, judged)) {
        Keep(*std::move(open), std::move(naming));
      }
      return;
    }
    if (IsFull()) return;
    judge_.Learn(what, topic, place, judged);
    naming.how = *how;
    found_.records.push_back(std::move(naming));
  }

  const ClusterSettings& settings_;
  const NamingSearch& search_;
  Progress& progress_;
  NamingJudge judge_;
  NamingRecords found_;
  std::vector<std::pair<OpenRecord, NamingRecord>> open_;
  bool is_full_ = false;
  bool is_open_full_ = false;
};

}  // namespace

Result<NamingRecords> FindNamingRecords(const ClusterSettings& settings, const NamingSearch& search,
                                        Progress& progress) {
  return Search(settings, search, progress).Run();
}

}  // namespace ctl
