#include "ops/ctl/dead/dead_history.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "common/domain/record_headers.h"
#include "ops/ctl/kafka/cluster.h"
#include "ops/ctl/kafka/topic_scan.h"
#include "ops/ctl/shell/progress.h"

namespace ctl {
namespace {

using common::Result;
using common::WallTime;
using std::chrono::milliseconds;

/// The brokers that timestamp a letter and its redrive may have different clocks.
constexpr std::chrono::hours kClockSkew{1};

/// The partitions where records at or after the start of `extents` have expired.
std::set<common::Partition> Truncated(const Extents& extents, const Extents& kept) {
  std::set<common::Partition> truncated;
  for (const auto& [partition, extent] : kept) {
    if (extent.from > common::Offset() && extents.at(partition).from <= extent.from)
      truncated.insert(partition);
  }
  return truncated;
}

/// The least age at which records of the topic expire; 0: unknown.
Result<milliseconds> LeastAgeOfExpired(const ClusterSettings& settings, const std::string& topic) {
  const auto cluster = Cluster::Open(settings);
  if (!cluster) return cluster.error();
  const auto retention = cluster.value()->TimeRetention(topic);
  if (!retention) return retention.error();
  return std::max(milliseconds(0), retention->value_or(milliseconds(0)));
}

}  // namespace

Result<RedriveHistory> RedriveHistory::Read(const ClusterSettings& settings,
                                            std::optional<WallTime> from, Output& output,
                                            const std::stop_token& stop) {
  RedriveHistory history;
  history.topics_ = settings.topics;
  if (from) from = *from - kClockSkew;
  for (const std::string& topic : {settings.topics.callbacks, settings.topics.dead}) {
    if (const auto added = history.Add(settings, topic, from, output, stop); !added) {
      return added.error();
    }
  }
  return history;
}

const RedriveHistory::Redrive* RedriveHistory::Find(const std::string& name,
                                                    const DeadRecord& letter,
                                                    const common::ProviderTable& providers) const {
  const auto found = redrives_.find(name);
  if (found == redrives_.end()) return nullptr;
  const CallbackIdentity is = IdentifyCallback(letter.value, letter.headers, providers);
  const Redrive* last = nullptr;
  for (const Redrive& redrive : found->second) {
    const bool is_its = redrive.fact == is.fact && MayBeSame(redrive.delivery, is.delivery) &&
                        redrive.time >= letter.time - kClockSkew;
    if (is_its && (last == nullptr || last->has_died || !redrive.has_died)) last = &redrive;
  }
  return last;
}

std::optional<RedrivenSince> RedriveHistory::SinceDeathOf(
    const std::string& name, const DeadRecord& letter,
    const common::ProviderTable& providers) const {
  if (const Redrive* const last = Find(name, letter, providers)) {
    return RedrivenSince{
        RedrivenSince::Place{.topic = last->has_died ? topics_.dead : topics_.callbacks,
                             .at = last->at,
                             .time = last->time}};
  }
  if (MayHaveForgotten(letter.time)) return std::nullopt;
  return RedrivenSince{};
}

Result<void> RedriveHistory::Add(const ClusterSettings& settings, const std::string& topic,
                                 std::optional<WallTime> from, Output& output,
                                 const std::stop_token& stop) {
  const auto scan = TopicScan::Open(settings, topic);
  if (!scan) return scan.error();
  const Result<Extents> kept = scan.value()->Find({});
  if (!kept) return kept.error();
  const Result<Extents> extents = from ? scan.value()->Find({.from = from}) : kept;
  if (!extents) return extents.error();

  // Letters are kept far longer than callbacks, so only redrives on `callbacks` can expire before
  // their letters.
  std::set<common::Partition> truncated;
  if (topic == settings.topics.callbacks) truncated = Truncated(*extents, *kept);
  WallTime newest_expired = common::WallNow();
  if (!truncated.empty()) {
    const auto age = LeastAgeOfExpired(settings, topic);
    if (!age) return age.error();
    newest_expired -= *age;
  }
  // Expired records are older than the remaining ones; in a quiet partition, much older.
  const auto forget_before = [&](common::Partition partition, WallTime time) {
    if (truncated.erase(partition) == 0) return;
    time = std::min(time, newest_expired);
    horizon_ = std::max(horizon_.value_or(time), time);
  };
  const std::string header(common::header::kRedrive);
  Progress progress(output, topic);
  const auto ended = scan.value()->Read(
      {.extents = *extents,
       .visit =
           [&](const ScannedRecord& record) {
             forget_before(record.partition(), record.time());
             if (const auto name = record.Header(header)) {
               const CallbackIdentity is =
                   IdentifyCallback(record.value(), record.headers(), settings.providers);
               redrives_[std::string(*name)].push_back({is.fact,
                                                        is.delivery,
                                                        record.time(),
                                                        topic == settings.topics.dead,
                                                        {record.partition(), record.offset()}});
             }
             return true;
           },
       .progress = [&](std::int64_t done, std::int64_t total) { progress.Show(done, total); },
       .stop = stop});
  if (!ended) return ended.error();
  while (!truncated.empty()) forget_before(*truncated.begin(), newest_expired);
  return {};
}

}  // namespace ctl
