#include "ops/ctl/erase/naming_records.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/domain/identity.h"
#include "common/json/api_answer.h"
#include "common/json/callback_body.h"
#include "ops/ctl/kafka/cluster.h"
#include "ops/ctl/kafka/topic_scan.h"
#include "ops/ctl/records/callback_identity.h"
#include "ops/ctl/records/named_callback.h"

namespace ctl {
namespace {

using common::Result;
using common::kafka::TopicFacts;
using What = NamingRecord::What;
using How = NamingRecord::How;

/// The timestamps of one partition, as far as it was read.
struct PartitionTimes {
  bool are_of_broker = true;
  common::WallTime newest{};
};

class Search {
 public:
  Search(const ClusterSettings& settings, const NamingSearch& search, Progress& progress)
      : settings_(settings), search_(search), progress_(progress) {}

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
      if (what == What::kMarker && identities_.empty()) break;
      if (const auto read = ReadTopic(*topic, what, facts->topics.at(*topic)); !read) {
        if (search_.stop.stop_requested()) return read.error();
        found_.gaps.push_back(*topic + " could not be read: " + read.error().detail);
      }
    }
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
      return common::Error{common::Remedy::kRetry, "interrupted", "interrupted"};
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
    const auto how = HowNamed(what, record);
    if (!how) return;
    if (found_.records.size() >= NamingRecords::kMost) {
      if (!std::exchange(is_full_, true)) {
        found_.gaps.push_back("more than " + std::to_string(NamingRecords::kMost) +
                              " records name the dossier; the others are not listed");
      }
      return;
    }
    NoteIdentities(topic, what, record);
    found_.records.push_back({.what = what,
                              .how = *how,
                              .topic = topic,
                              .place = {record.partition(), record.offset()},
                              .at = record.time()});
  }

  [[nodiscard]] std::optional<How> HowNamed(What what, const ScannedRecord& record) const {
    if (what == What::kMarker) {
      const auto identity = common::Identity::FromBytes(record.key());
      return identity && identities_.contains(*identity) ? std::optional(How::kHash) : std::nullopt;
    }
    const auto named = what == What::kResult
                           ? DossierOfResult(record.value())
                           : common::json::ReadCallbackBody(record.value()).dossier;
    if (named == search_.dossier.id()) return How::kField;
    const bool is_there = search_.dossier.IsIn(record.value()) ||
                          search_.dossier.IsIn(record.key()) ||
                          search_.dossier.IsIn(record.headers());
    return is_there ? std::optional(How::kText) : std::nullopt;
  }

  static std::optional<common::DossierId> DossierOfResult(std::string_view value) {
    auto answer = common::json::ReadResourceAnswer(value);
    if (!answer) return std::nullopt;
    return common::DossierId(std::move(answer->ids.dossier.value));
  }

  /// The identities whose markers the record may have, or a redrive of it.
  void NoteIdentities(const std::string& topic, What what, const ScannedRecord& record) {
    if (what == What::kMarker) return;
    if (what == What::kResult) {
      if (const auto name = ReadResultName(record.value())) identities_.insert(name->fact);
      return;
    }
    const CallbackIdentity identity =
        IdentifyCallback(record.value(), record.headers(), settings_.providers);
    const std::string name =
        topic + "-" + std::to_string(record.partition()) + "-" + std::to_string(record.offset());
    identities_.insert(
        {identity.identity, identity.fact, common::IdentityOfRedriven(identity.fact, name)});
  }

  const ClusterSettings& settings_;
  const NamingSearch& search_;
  Progress& progress_;
  std::set<common::Identity> identities_;
  NamingRecords found_;
  bool is_full_ = false;
};

}  // namespace

Result<NamingRecords> FindNamingRecords(const ClusterSettings& settings, const NamingSearch& search,
                                        Progress& progress) {
  return Search(settings, search, progress).Run();
}

}  // namespace ctl
