#include "ingest/preflight/preflight.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/deadline.h"
#include "common/preflight/clock.h"
#include "common/preflight/descriptors.h"
#include "common/preflight/kafka_look.h"
#include "common/preflight/kafka_sight.h"
#include "ingest/descriptors.h"
#include "ingest/preflight/spool_sight.h"

namespace ingest {
namespace {

using common::preflight::KafkaNeeds;
using common::preflight::Report;
using common::preflight::Right;

constexpr std::chrono::seconds kLimit{25};

KafkaNeeds NeedsOf(const Config& config) {
  using common::kafka::TopicScope;
  KafkaNeeds needs{
      .properties = config.kafka,
      .topics = config.topics,
      .scope = config.expected ? TopicScope::kCallbacksAndExpected : TopicScope::kCallbacks,
      .of_topics = {.callback_bytes = static_cast<std::int64_t>(config.max_body + config.max_head)},
      .rights = {{.right = {Right::Resource::kTopic, config.topics.callbacks,
                            Right::Operation::kWrite}}},
      .group = ""};
  if (config.expected) {
    needs.rights.push_back(
        {.right = {Right::Resource::kTopic, config.topics.expected, Right::Operation::kWrite}});
  }
  return needs;
}

/// The providers whose callbacks are taken, and that need a spool.
std::vector<std::string> SendOnce(const Config& config) {
  std::vector<std::string> names;
  for (std::size_t row = 0; row < config.credentials.size(); ++row) {
    const common::ProviderRow& provider = config.providers.rows()[row];
    const bool spools = provider.on_unavailable == common::OnUnavailable::kSpool;
    if (spools && !config.credentials[row].empty()) names.push_back(provider.name);
  }
  return names;
}

}  // namespace

Report RunPreflight(const Config& config, const common::Logger& log) {
  Report report;
  const KafkaNeeds needs = NeedsOf(config);
  const auto sight = common::preflight::LookAtKafka(needs, log, common::Deadline::After(kLimit));
  common::preflight::JudgeKafka(needs, sight, common::WallNow(), report);
  common::preflight::JudgeKernelClock(common::preflight::ReadKernelClock(), report);
  if (config.spool) {
    JudgeSpool(*config.spool, config.max_body, LookAtSpool(config.spool->path), report);
  } else {
    JudgeNoSpool(SendOnce(config), report);
  }
  // ingest raises its soft limit to the hard one.
  const auto limits = common::preflight::ReadDescriptorLimits();
  common::preflight::JudgeDescriptors(
      limits ? std::optional(limits->hard) : std::nullopt,
      DescriptorsFor(static_cast<std::uint64_t>(config.max_connections)), "max_connections",
      report);
  return report;
}

}  // namespace ingest
