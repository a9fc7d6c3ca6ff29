#include "common/kafka/topic_check.h"

#include <charconv>
#include <optional>

namespace common::kafka {
namespace {

using std::chrono::milliseconds;

class Check {
 public:
  Check(const TopicNames& names, TopicScope scope, const TopicNeeds& needs,
        const ClusterFacts& facts)
      : names_(names), scope_(scope), needs_(needs), facts_(facts) {}

  std::vector<TopicFinding> Run() && {
    for (const std::string& topic : TopicsOf(names_, scope_)) CheckOne(topic);
    CheckPartitions();
    if (ReadsAll()) CheckRetention();
    return std::move(findings_);
  }

 private:
  /// False for ingest, which writes only.
  [[nodiscard]] bool ReadsAll() const {
    return scope_ == TopicScope::kHandling || scope_ == TopicScope::kAll;
  }

  void Find(TopicFault fault, const std::string& topic, std::string text) {
    findings_.push_back({fault, topic, topic + " " + std::move(text)});
  }

  /// nullptr if the topic is missing or we may not describe it.
  [[nodiscard]] const TopicFacts* Existing(const std::string& topic) const {
    const auto found = facts_.topics.find(topic);
    if (found == facts_.topics.end()) return nullptr;
    return found->second.access == TopicFacts::Access::kAllowed ? &found->second : nullptr;
  }

  static std::optional<std::string> Property(const TopicFacts& topic, const std::string& name) {
    const auto found = topic.config.find(name);
    if (found == topic.config.end()) return std::nullopt;
    return found->second;
  }

  static std::optional<long long> Number(const TopicFacts& topic, const std::string& name) {
    const std::optional<std::string> text = Property(topic, name);
    if (!text) return std::nullopt;
    long long number = 0;
    const auto [stop, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc()) return std::nullopt;
    return number;
  }

  void CheckOne(const std::string& topic) {
    const auto found = facts_.topics.find(topic);
    if (found == facts_.topics.end() || found->second.access == TopicFacts::Access::kMissing) {
      return Find(TopicFault::kMissing, topic,
                  "does not exist: create it with `sluicectl topics create`");
    }
    if (found->second.access == TopicFacts::Access::kDenied) {
      return Find(TopicFault::kNoPermission, topic,
                  "cannot be checked: allow this client to describe it, or try again");
    }
    CheckCopies(topic, found->second);
    if (found->second.config.empty()) {
      // A broker that has just started may not know the topic yet.
      return Find(
          TopicFault::kNoPermission, topic,
          found->second.is_config_denied
              ? "has an unreadable configuration: allow this client to describe configs"
              : "has an unknown configuration, since no broker describes it yet: try again");
    }
    CheckConfig(topic, found->second);
  }

  void CheckCopies(const std::string& topic, const TopicFacts& facts) {
    if (facts.replication < 2) {
      return Find(TopicFault::kReplication, topic,
                  "has one copy, which is lost with its broker: suitable only for development");
    }
    if (const auto in_sync = Number(facts, "min.insync.replicas"); in_sync && *in_sync < 2) {
      Find(TopicFault::kMinInsync, topic,
           "has min.insync.replicas=" + std::to_string(*in_sync) +
               ", so one copy suffices for an ack: set it to 2");
    }
  }

  void CheckConfig(const std::string& topic, const TopicFacts& facts) {
    const bool is_seen = topic == names_.seen && ReadsAll();
    const std::string policy = Property(facts, "cleanup.policy").value_or("delete");
    if (policy.find("compact") != std::string::npos) {
      Find(TopicFault::kCompacted, topic,
           "has cleanup.policy=" + policy + ": set it to `delete`, since " +
               (is_seen ? "markers expire by time"
                        : "compaction removes records whose key occurs again"));
    }
    const std::string wanted = is_seen ? "CreateTime" : "LogAppendTime";
    const auto timestamps = Property(facts, "message.timestamp.type");
    if (timestamps && *timestamps != wanted) {
      Find(TopicFault::kTimestamps, topic,
           "has message.timestamp.type=" + *timestamps + ": set it to " + wanted);
    }
    if (Property(facts, "unclean.leader.election.enable") == "true") {
      Find(TopicFault::kUncleanElection, topic,
           "has unclean.leader.election.enable=true, so acknowledged records can be lost: "
           "set it to false");
    }
    CheckSizes(topic, facts);
    if (topic == names_.callbacks) CheckOutageRetention(topic, facts);
    if (IsExpected(topic)) CheckExpectedRetention(topic, facts);
  }

  /// A callback that expires during a consumer's outage is lost.
  void CheckOutageRetention(const std::string& topic, const TopicFacts& facts) {
    constexpr std::chrono::hours kLeast{48};
    const auto kept = Number(facts, "retention.ms");
    if (!kept || *kept < 0 || milliseconds(*kept) >= kLeast) return;
    Find(
        TopicFault::kRetention, topic,
        "has retention.ms=" + std::to_string(*kept) +
            ", so callbacks may expire during a consumer's outage of less than two days: set it to "
            "604800000");
  }

  /// An announcement that expires is not watched any more after a restart.
  void CheckExpectedRetention(const std::string& topic, const TopicFacts& facts) {
    const auto kept = Number(facts, "retention.ms");
    const long long wait = milliseconds(needs_.expected_wait).count();
    if (!kept || *kept < 0 || *kept >= wait) return;
    Find(TopicFault::kRetention, topic,
         "has retention.ms=" + std::to_string(*kept) +
             ", so announcements may expire before consumer gives them up: set it to " +
             std::to_string(wait + milliseconds(std::chrono::hours(24)).count()));
  }

  void CheckSizes(const std::string& topic, const TopicFacts& facts) {
    // The operator decides how long results are kept; consumer alone reads the other topics.
    const bool is_results = topic == names_.processes && ReadsAll();
    const auto most_bytes = Number(facts, "retention.bytes");
    if (!is_results && most_bytes && *most_bytes >= 0) {
      Find(TopicFault::kRetentionBytes, topic,
           "has retention.bytes=" + std::to_string(*most_bytes) +
               ", so Kafka may delete records before their time: set it to -1");
    }
    const bool is_seen = topic == names_.seen && ReadsAll();
    if (is_seen) return;  // Its records are a few bytes.
    const bool is_expected = IsExpected(topic);
    const std::int64_t needed = is_results    ? needs_.result_bytes
                                : is_expected ? needs_.announcement_bytes
                                              : needs_.callback_bytes;
    const auto taken = Number(facts, "max.message.bytes");
    if (taken && *taken < needed) {
      Find(TopicFault::kMessageSize, topic,
           "has max.message.bytes=" + std::to_string(*taken) + ", but " +
               (is_results    ? "a result"
                : is_expected ? "an announcement"
                              : "a callback") +
               " may take " + std::to_string(needed) + " bytes: set it to at least that");
    }
  }

  [[nodiscard]] bool IsExpected(const std::string& topic) const {
    const bool is_in_scope =
        scope_ == TopicScope::kAll || scope_ == TopicScope::kCallbacksAndExpected;
    return is_in_scope && topic == names_.expected;
  }

  void CheckPartitions() {
    const TopicFacts* const callbacks = Existing(names_.callbacks);
    if (callbacks == nullptr) return;
    for (const std::string& topic : TopicsOf(names_, scope_)) {
      if (topic == names_.callbacks || topic == names_.dead) continue;
      const TopicFacts* const other = Existing(topic);
      if (other == nullptr || other->partitions == callbacks->partitions) continue;
      const bool is_smaller = other->partitions < callbacks->partitions;
      // A lane would look for the callbacks of an announced process in the wrong place.
      const bool is_harmless = !is_smaller && topic != names_.expected;
      Find(is_harmless ? TopicFault::kMorePartitions : TopicFault::kPartitions, topic,
           "has " + std::to_string(other->partitions) + " partitions, but " + names_.callbacks +
               " has " + std::to_string(callbacks->partitions) + ": " +
               (is_smaller    ? "add partitions to " + topic
                : is_harmless ? "if sluicectl topics raise was interrupted, repeat it"
                              : "recreate " + topic + " with as many"));
    }
  }

  /// callbacks.seen must outlive callbacks by the largest window: a backlog needs its markers.
  void CheckRetention() {
    const TopicFacts* const callbacks = Existing(names_.callbacks);
    const TopicFacts* const seen = Existing(names_.seen);
    if (callbacks == nullptr || seen == nullptr) return;
    const auto kept = Number(*seen, "retention.ms");
    const auto source = Number(*callbacks, "retention.ms");
    if (!kept || !source || *kept < 0) return;
    const long long wanted = *source + milliseconds(needs_.dedup_reach).count();
    if (*source >= 0 && *kept >= wanted) return;
    Find(TopicFault::kRetention, names_.seen,
         "has retention.ms=" + std::to_string(*kept) + ": set it to " +
             (*source < 0 ? std::string("-1") : "at least " + std::to_string(wanted)) +
             ", that of " + names_.callbacks + " plus the largest dedup window");
  }

  const TopicNames& names_;
  TopicScope scope_;
  const TopicNeeds& needs_;
  const ClusterFacts& facts_;
  std::vector<TopicFinding> findings_;
};

}  // namespace

bool IsRefused(TopicFault fault) {
  return fault == TopicFault::kMissing || fault == TopicFault::kPartitions ||
         fault == TopicFault::kCompacted || fault == TopicFault::kMinInsync;
}

std::string_view ToText(TopicFault fault) {
  switch (fault) {
    case TopicFault::kMissing:
      return "missing";
    case TopicFault::kPartitions:
      return "partitions";
    case TopicFault::kCompacted:
      return "compacted";
    case TopicFault::kMinInsync:
      return "min_insync";
    case TopicFault::kMorePartitions:
      return "more_partitions";
    case TopicFault::kReplication:
      return "replication";
    case TopicFault::kTimestamps:
      return "timestamps";
    case TopicFault::kRetention:
      return "retention";
    case TopicFault::kRetentionBytes:
      return "retention_bytes";
    case TopicFault::kUncleanElection:
      return "unclean_election";
    case TopicFault::kMessageSize:
      return "message_size";
    case TopicFault::kNoPermission:
      return "no_permission";
  }
  return "";
}

std::vector<std::string> TopicsOf(const TopicNames& names, TopicScope scope) {
  switch (scope) {
    case TopicScope::kCallbacks:
      return {names.callbacks};
    case TopicScope::kCallbacksAndExpected:
      return {names.callbacks, names.expected};
    case TopicScope::kHandling:
      return {names.callbacks, names.seen, names.processes, names.dead};
    case TopicScope::kAll:
      return {names.callbacks, names.seen, names.processes, names.dead, names.expected};
  }
  return {};
}

std::vector<TopicFinding> CheckTopics(const TopicNames& names, TopicScope scope,
                                      const TopicNeeds& needs, const ClusterFacts& facts) {
  return Check(names, scope, needs, facts).Run();
}

}  // namespace common::kafka
