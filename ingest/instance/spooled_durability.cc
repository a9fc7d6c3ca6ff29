#include "ingest/instance/spooled_durability.h"

#include "ingest/events.h"
#include "ingest/policy/drain.h"
#include "ingest/spool/replay_plan.h"

namespace ingest {
namespace {

/// How long the disk may delay serving. ingest answers within 5 s of its start.
constexpr std::chrono::seconds kTimeToOpenSpool{2};
constexpr LoadBounds kReplayed{.max_requests = ReplayPlan::kMostRecords,
                               .max_bytes = ReplayPlan::kMostBytes};

SqliteSpool::Options OptionsOf(const Config& config) {
  const SpoolConfig& spool = *config.spool;
  return {.database = {.path = spool.path},
          .bounds = {.max_bytes = spool.max_bytes,
                     .min_free_disk = spool.min_free_disk,
                     .max_body = config.max_body},
          .queue = config.load_bounds(),
          .free_disk = FreeDiskAt(spool.path)};
}

}  // namespace

SpooledDurability::SpooledDurability(const Config& config, const common::Logger& log,
                                     Events& events)
    : longest_spooling_(config.answer_deadline * 3 / 4),
      kafka_(config, kReplayed, log, events),
      spool_(OptionsOf(config), config.providers, events),
      sink_(config.providers, config.ack_deadline, kafka_.sink(), kafka_.unheld(), spool_, events) {
}

common::Result<void> SpooledDurability::Start(StorageListener& listener) {
  sink_.Attach(listener);
  if (auto started = kafka_.Start(sink_); !started) return started;
  spool_.Start(listener, kafka_.unheld(), [this] { return kafka_.partitions(); });
  // A callback of a one-shot provider must not find the spool still closed.
  spool_.AwaitFirstTry(common::Deadline::After(kTimeToOpenSpool));
  return {};
}

void SpooledDurability::PassTime(std::chrono::steady_clock::time_point now) {
  kafka_.PassTime(now);
  sink_.ExpireUntil(now);
  spool_.WatchDisk();
}

DurabilityHealth SpooledDurability::health() const {
  DurabilityHealth health = kafka_.health();
  health.takes_spool = spool_.HasRoom();
  return health;
}

std::chrono::milliseconds SpooledDurability::TimeWithoutKafka(const Load& waiting) const {
  return TimeToSpool(waiting, longest_spooling_);
}

Durability::Closing SpooledDurability::Close(common::Deadline deadline) {
  using Clock = common::Deadline::Clock;
  const auto begun = Clock::now();
  Closing closing = kafka_.Close(ShareOfKafka(begun, deadline));
  const bool has_spool_ended = spool_.Close(ShareOfSpool(begun, Clock::now(), deadline));
  closing.has_ended = closing.has_ended && has_spool_ended;
  return closing;
}

}  // namespace ingest
