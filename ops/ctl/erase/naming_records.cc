#include "ops/ctl/erase/naming_records.h"

#include <algorithm>
#include <map>
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
    auto facts =
        cluster.value()->Facts({topics.callbacks, topics.processes, topics.dead, topics.seen});
    if (!facts) return facts.error();
    // The markers last: their keys are hashes of what the others name.
    const std::pair<const std::string*, What> order[] = {{&topics.callbacks, What::kCallback},
                                                         {&topics.processes, What::kResult},
                                                         {&topics.dead, What::kLetter},
                                                         {&topics.seen, What::kMarker}};
    for (const auto& [topic, what] : order) {
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
    return std::move(found_);
  }

 private:
  Result<void> ReadTopic(const std::string& topic, What what, const TopicFacts& facts) {
    if (facts.access == TopicFacts::Access::kMissing) {
      return common::Error{common::Remedy::kStop, "missing", "there is no such topic"};
    }
    auto scan = TopicScan::Open(settings_, topic);
    if (!scan) return scan.error();
    const auto extents = scan.value()->Find({.from = search_.from});
    if (!extents) return extents.error();
    const std::size_t first = found_.records.size();
    std::map<std::int32_t, PartitionTimes> times;
    const auto ended = scan.value()->Read(
        {.extents = *extents,
         .visit =
             [&](const ScannedRecord& record) {
               PartitionTimes& seen = times[record.partition()];
               seen.are_of_broker = seen.are_of_broker && record.is_broker_time();
               seen.newest = std::max(seen.newest, record.time());
               Take(topic, what, record);
               return true;
             },
         .progress = [&](std::int64_t done, std::int64_t all) { progress_.Show(done, all); },
         .stop = search_.stop,
         .with_uncommitted = true});
    SetEnds(first, TopicRetention(facts), times);
    if (!ended) return ended.error();
    if (*ended == TopicScan::Ended::kByStop) {
      return Interrupted();
    }
    return {};
  }

  void SetEnds(std::size_t first, const TopicRetention& retention,
               const std::map<std::int32_t, PartitionTimes>& times) {
    const auto begin = found_.records.begin() + static_cast<std::ptrdiff_t>(first);
    std::sort(begin, found_.records.end(), [](const NamingRecord& a, const NamingRecord& b) {
      return std::pair(a.place.partition, a.place.offset) <
             std::pair(b.place.partition, b.place.offset);
    });
    const common::WallTime now = common::WallNow();
    for (auto record = begin; record != found_.records.end(); ++record) {
      const PartitionTimes& seen = times.at(record->place.partition);
      record->end = retention.EndOf(seen.are_of_broker ? record->at : seen.newest, now);
    }
  }

  void Take(const std::string& topic, What what, const ScannedRecord& record) {
    JudgedRecord judged{.key = record.key(), .value = record.value()};
    if (what != What::kMarker) judged.headers = record.headers();
    const auto how = judge_.Judge(what, judged);
    if (!how) return;
    if (found_.records.size() >= NamingRecords::kMost) {
      if (!std::exchange(is_full_, true)) {
        found_.gaps.push_back("more than " + std::to_string(NamingRecords::kMost) +
                              " records name the dossier; the others are not listed");
      }
      return;
    }
    judge_.Learn(what, topic, {record.partition(), record.offset()}, judged);
    found_.records.push_back({.what = what,
                              .how = *how,
                              .topic = topic,
                              .place = {record.partition(), record.offset()},
                              .at = record.time()});
  }

  const ClusterSettings& settings_;
  const NamingSearch& search_;
  Progress& progress_;
  NamingJudge judge_;
  NamingRecords found_;
  bool is_full_ = false;
};

}  // namespace

Result<NamingRecords> FindNamingRecords(const ClusterSettings& settings, const NamingSearch& search,
                                        Progress& progress) {
  return Search(settings, search, progress).Run();
}

}  // namespace ctl
