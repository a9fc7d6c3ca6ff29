#include "common/config/kafka_settings.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "common/config/secret_file.h"

namespace common::config {
namespace {

constexpr std::string_view kFileSuffix = "_file";

bool Matches(const ForbiddenProperty& property, std::string_view name) {
  std::string_view pattern = property.pattern;
  if (pattern.empty() || pattern.back() != '*') return name == pattern;
  pattern.remove_suffix(1);
  return name.substr(0, pattern.size()) == pattern;
}

bool IsTopicName(std::string_view name) {
  constexpr std::size_t kMaxSize = 249;
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !name.empty() && name.size() <= kMaxSize && name != "." && name != ".." &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

/// Replaces "sasl.password_file" and a path by "sasl.password" and the file's content.
bool ResolveFile(const Section& kafka, const std::string& key, std::string& name,
                 std::string& value) {
  if (key.size() <= kFileSuffix.size() || !key.ends_with(kFileSuffix)) return true;
  name = key.substr(0, key.size() - kFileSuffix.size());
  Result<std::string> content = ReadSecretFile(value);
  if (!content) {
    kafka.Mistake(key, content.error().detail);
    return false;
  }
  value = *std::move(content);
  return true;
}

void ReadTopic(const Section& topics, std::string_view key, std::string& name,
               std::set<std::string>& taken) {
  topics.Read(key, name);
  if (!IsTopicName(name)) {
    topics.Mistake(key, "a topic name has 1 to 249 letters, digits, dots, dashes or underscores");
  } else if (!taken.insert(name).second) {
    topics.Mistake(key, topics.ContainsVariable(key)
                            ? "another topic has the same name"
                            : "another topic already has the name '" + name + "'");
  }
}

/// librdkafka would ask for tokens, and nobody would answer.
void FindMissingTokens(const Section& kafka, const KafkaProperties& properties) {
  for (const char* mechanism : {"sasl.mechanism", "sasl.mechanisms"}) {
    const auto found = properties.find(mechanism);
    if (found == properties.end() || found->second != "OAUTHBEARER") continue;
    const auto unsecured = properties.find("enable.sasl.oauthbearer.unsecure.jwt");
    if (unsecured != properties.end() && unsecured->second == "true") continue;
    for (const char* needed : {"sasl.oauthbearer.token.endpoint.url", "sasl.oauthbearer.client.id",
                               "sasl.oauthbearer.client.secret"}) {
      if (!properties.contains(needed)) {
        kafka.Mistake(mechanism, "OAUTHBEARER needs " + std::string(needed));
      }
    }
  }
}

TopicNames ReadTopics(const Section& root, bool is_of_ingest) {
  TopicNames names;
  const std::optional<Section> topics = root.Child("topics");
  if (!topics) return names;
  std::set<std::string> taken;
  ReadTopic(*topics, "callbacks", names.callbacks, taken);
  if (!is_of_ingest) {
    ReadTopic(*topics, "seen", names.seen, taken);
    ReadTopic(*topics, "processes", names.processes, taken);
    ReadTopic(*topics, "dead", names.dead, taken);
  }
  // Two installations on one cluster must not read each other's announcements.
  const std::string beside = names.callbacks + ".expected";
  if (IsTopicName(names.callbacks) && IsTopicName(beside)) names.expected = beside;
  ReadTopic(*topics, "expected", names.expected, taken);
  return names;
}

}  // namespace

const std::vector<ForbiddenProperty>& ForbiddenForIngest() {
  static const std::vector<ForbiddenProperty> forbidden = {
      {"acks", "a 200 promises that all in-sync replicas have the record"},
      {"request.required.acks", "a 200 promises that all in-sync replicas have the record"},
      {"partitioner", "redeliveries of a process must meet in one partition"},
      {"delivery.report.only.error", "a 200 waits for the report of its record"},
      {"transactional.id", "a 200 waits for one record, not for a transaction"},
  };
  return forbidden;
}

const std::vector<ForbiddenProperty>& ForbiddenForConsumer() {
  static const std::vector<ForbiddenProperty> forbidden = {
      {"group.id", "set `group` instead"},
      {"group.instance.id", "set `instance` instead"},
      {"transactional.id", "set `instance` instead"},
      {"isolation.level", "exactly-once requires read_committed"},
      {"enable.auto.*", "offsets are committed in the transaction only"},
      {"auto.offset.reset",
       "consumer decides itself where it reads, and why a position is invalid"},
      {"enable.partition.eof", "the consumer needs it to detect the end of a partition"},
      {"enable.idempotence", "transactions need it"},
      {"acks", "transactions need all"},
      {"request.required.acks", "transactions need all"},
      {"partitioner", "co-partitioned topics need the same partitioner"},
      {"partition.assignment.strategy", "handing over a partition requires `range`"},
      {"group.protocol", "handing over a partition requires `classic`"},
      {"group.remote.assignor", "handing over a partition requires `classic`"},
      {"delivery.report.only.error", "a commit counts the reports of its records"},
  };
  return forbidden;
}

KafkaProperties ReadKafkaProperties(const Section& root,
                                    const std::vector<ForbiddenProperty>& forbidden,
                                    const CheckKafkaProperty& check) {
  constexpr std::string_view kBootstrap = "bootstrap.servers";
  std::map<std::string, std::string> written;
  const std::optional<Section> kafka = root.Child("kafka");
  if (!kafka || !kafka->Has(kBootstrap)) {
    (kafka ? *kafka : root).Mistake(kafka ? kBootstrap : "kafka.bootstrap.servers", "must be set");
  }
  if (!kafka || !root.Read("kafka", written)) return {};

  KafkaProperties properties;
  for (const auto& [key, value_or_path] : written) {
    std::string name = key;
    std::string value = value_or_path;
    if (!ResolveFile(*kafka, key, name, value)) continue;
    const auto reason = std::find_if(forbidden.begin(), forbidden.end(),
                                     [&](const auto& property) { return Matches(property, name); });
    if (reason != forbidden.end()) {
      kafka->Mistake(key, "may not be set: " + std::string(reason->why));
    } else if (const auto mistake = check(name, value)) {
      // librdkafka's message may quote a value that comes from a variable or a file.
      const bool is_from_elsewhere = key != name || kafka->ContainsVariable(key);
      kafka->Mistake(key,
                     is_from_elsewhere ? "librdkafka rejects the property or its value" : *mistake);
    } else if (!properties.emplace(std::move(name), std::move(value)).second) {
      kafka->Mistake(key, "is also set without " + std::string(kFileSuffix));
    }
  }
  FindMissingTokens(*kafka, properties);
  return properties;
}

TopicNames ReadTopicNames(const Section& root) { return ReadTopics(root, false); }
TopicNames ReadTopicsOfIngest(const Section& root) { return ReadTopics(root, true); }

}  // namespace common::config
