#include "ops/ctl/erase/record_end.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "common/base/number.h"

namespace ctl {
namespace {

using common::kafka::TopicFacts;
using std::chrono::milliseconds;
using When = RecordEnd::When;

constexpr milliseconds kCheck = std::chrono::minutes(5);
/// Kafka takes any number up to 2^63. Longer than this is as good as never.
constexpr milliseconds kLongest = std::chrono::hours(24 * 366 * 1000);

std::string TextOf(const TopicFacts& topic, const std::string& property) {
  const auto found = topic.config.find(property);
  return found == topic.config.end() ? std::string() : found->second;
}

std::optional<milliseconds> DurationOf(const TopicFacts& topic, const std::string& property) {
  const auto number = common::ParseNumber<std::int64_t>(TextOf(topic, property));
  return number ? std::optional(milliseconds(*number)) : std::nullopt;
}

RecordEnd Unknown(std::string why) { return {.when = When::kUnknown, .why = std::move(why)}; }
RecordEnd Never(std::string why) { return {.when = When::kNever, .why = std::move(why)}; }

/// True if the list of policies contains deletion.
bool HasDeletion(std::string policies) {
  std::erase(policies, ' ');
  return ("," + policies + ",").find(",delete,") != std::string::npos;
}

}  // namespace

std::string_view ToText(When when) {
  switch (when) {
    case When::kBy:
      return "by";
    case When::kNever:
      return "never";
    case When::kUnknown:
      return "unknown";
  }
  return "";
}

TopicRetention::TopicRetention(const TopicFacts& topic) {
  const std::string policy = TextOf(topic, "cleanup.policy");
  const auto retention = DurationOf(topic, "retention.ms");
  const auto segment = DurationOf(topic, "segment.ms");
  const auto delay = DurationOf(topic, "file.delete.delay.ms");
  if (policy.empty() || !retention || !segment || !delay) {
    otherwise_ =
        Unknown(topic.is_config_denied ? "this client may not describe the topic's configuration"
                                       : "the topic's configuration is unknown");
  } else if (!HasDeletion(policy)) {
    otherwise_ = Never("cleanup.policy=" + policy);
  } else if (policy != "delete") {
    otherwise_ = Unknown("compaction may join its segment to later ones: cleanup.policy=" + policy);
  } else if (TextOf(topic, "remote.storage.enable") == "true") {
    otherwise_ = Unknown("remote.storage.enable=true");
  } else if (retention->count() < 0 || *retention >= kLongest) {
    const std::string bytes = TextOf(topic, "retention.bytes");
    const bool has_size = !bytes.empty() && bytes != "-1";
    otherwise_ = has_size ? Unknown("only size limits the topic: retention.bytes=" + bytes)
                          : Never("retention.ms=" + TextOf(topic, "retention.ms"));
  } else if (*segment >= kLongest || *delay >= kLongest) {
    otherwise_ =
        Unknown("a segment may take for ever to fill: segment.ms=" + TextOf(topic, "segment.ms"));
  } else {
    after_newest_ = *retention + *segment;
    delay_ = kCheck + *delay;
  }
}

RecordEnd TopicRetention::EndOf(common::WallTime newest, common::WallTime now) const {
  if (!after_newest_) return otherwise_;
  const auto since_epoch = newest.time_since_epoch();
  if (since_epoch.count() <= 0) {
    return Unknown("its partition has no timestamps: the time of the file counts");
  }
  // A timestamp may be any number as well.
  if (since_epoch > kLongest * 2) {
    return Never("a timestamp on its partition is too far in the future");
  }
  return {.when = When::kBy, .by = std::max(newest + *after_newest_, now) + delay_};
}

}  // namespace ctl
