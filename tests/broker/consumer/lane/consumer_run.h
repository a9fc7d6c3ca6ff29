#pragma once

#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/topics.h"
#include "tests/harness/process.h"
#include "tests/support/http_client.h"
#include "tests/support/kafka_client.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

namespace consumer {

/// The value of a numeric field of the first log line with that event; 0 without one.
inline int LoggedNumber(const std::string& log, const std::string& event,
                        const std::string& field) {
  const std::size_t line = log.find("\"event\":\"" + event + "\"");
  if (line == std::string::npos) return 0;
  const std::size_t at = log.find("\"" + field + "\":", line);
  return at == std::string::npos ? 0 : std::atoi(log.c_str() + at + field.size() + 3);
}

/// A simulated API, topics of its own, and instances of the binary.
class ConsumerRun {
 public:
  using Configs = std::map<std::string, std::string>;

  /// Topic configurations beside, or instead of, the common ones.
  struct Special {
    Configs callbacks = {};
    Configs processes = {};
    Configs dead = {};
    std::optional<int> processes_replication = std::nullopt;
  };

  ConsumerRun(std::string bootstrap, int partitions, int replication = 1)
      : ConsumerRun(std::move(bootstrap), partitions, replication, Special()) {}
  ConsumerRun(std::string bootstrap, int partitions, int replication, const Special& special)
      : bootstrap_(std::move(bootstrap)),
        kafka_(bootstrap_),
        api_(tests::Binary("assure-sim"),
             {"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--latency-ms", "5"}) {
    const tests::TopicSpec spec{
        partitions, replication, {{"min.insync.replicas", replication > 1 ? "2" : "1"}}};
    const auto with = [&](const Configs& configs) {
      tests::TopicSpec made = spec;
      for (const auto& [name, value] : configs) made.configs[name] = value;
      return made;
    };
    tests::TopicSpec processes = with(special.processes);
    if (special.processes_replication) {
      processes.replication = *special.processes_replication;
      processes.configs["min.insync.replicas"] = "1";
    }
    topics_.callbacks = kafka_.CreateUniqueTopic("callbacks", with(special.callbacks));
    topics_.seen = kafka_.CreateUniqueTopic("seen", spec);
    topics_.processes = kafka_.CreateUniqueTopic("processes", processes);
    topics_.expected = kafka_.CreateUniqueTopic("expected", spec);
    topics_.dead = kafka_.CreateUniqueTopic("dead", with(special.dead));
    if (!api_.WaitForOutput("simulator.listening", std::chrono::seconds(60))) {
      throw std::runtime_error(api_.Describe());
    }
    api_port_ = LoggedNumber(api_.StandardError(), "simulator.listening", "port");
    api_admin_ = LoggedNumber(api_.StandardError(), "simulator.listening", "admin_port");
  }

  [[nodiscard]] tests::KafkaClient& kafka() { return kafka_; }
  [[nodiscard]] const common::TopicNames& topics() const { return topics_; }
  [[nodiscard]] const std::string& group() const { return group_; }

  void SetApiBehaviour(const std::string& json) {
    const auto answer =
        tests::Put("http://127.0.0.1:" + std::to_string(api_admin_) + "/behaviour", json);
    if (answer.status != 200) throw std::runtime_error("behaviour: " + answer.body);
  }

  /// The heartbeat interval of instances started from now on.
  void SetHeartbeat(std::chrono::milliseconds interval) { heartbeat_ = interval; }

  [[nodiscard]] std::string ConfigFile(const std::string& instance, const std::string& more = "") {
    return files_.Write(
        instance + ".yaml",
        "admin: 127.0.0.1:0\ngroup: " + group_ + "\ninstance: " + group_ + "-" + instance +
            "\nkafka: { bootstrap.servers: \"" + bootstrap_ +
            "\", session.timeout.ms: 6000, heartbeat.interval.ms: " +
            std::to_string(heartbeat_.count()) + " }\ntopics: { callbacks: " + topics_.callbacks +
            ", seen: " + topics_.seen + ", processes: " + topics_.processes +
            ", dead: " + topics_.dead + ", expected: " + topics_.expected +
            " }\nassure: { base_url: \"http://127.0.0.1:" + std::to_string(api_port_) +
            "/assure\", token_url: \"http://127.0.0.1:" + std::to_string(api_port_) +
            "/auth/open/connect/token\", client_id: me, client_secret: not-to-be-seen }\n" + more);
  }
  [[nodiscard]] std::unique_ptr<tests::Process> Start(const std::string& instance,
                                                      const std::string& more = "") {
    return std::make_unique<tests::Process>(
        tests::Binary("consumer"),
        std::vector<std::string>{"--config", ConfigFile(instance, more)});
  }
  static std::string AdminUrl(tests::Process& instance, const std::string& path) {
    if (!instance.WaitForOutput("consumer.started", std::chrono::seconds(60))) {
      throw std::runtime_error(instance.Describe());
    }
    return "http://127.0.0.1:" +
           std::to_string(
               LoggedNumber(instance.StandardError(), "consumer.started", "admin_port")) +
           path;
  }
  static bool IsReady(tests::Process& instance) {
    return tests::Get(AdminUrl(instance, "/readyz")).status == 200;
  }

  /// A delivery of the fact `number`.
  static tests::Record Delivery(int number) {
    const std::string process = "process-" + std::to_string(number);
    return {.key = process,
            .value = R"({"dossierId":"dossier-)" + std::to_string(number) + R"(","processId":")" +
                     process + R"(","status":"accepted"})",
            .headers = {{"provider", "onfido"}, {"received-at", "2026-11-23T08:00:00.000Z"}}};
  }

  /// How often each process is on a topic, for read_committed readers, as of now. Committed offsets
  /// do not mean that the results are visible: each partition gets its marker at its own time.
  [[nodiscard]] std::map<std::string, int> Counts(const std::string& topic) {
    return CountKeys(kafka_.ReadAll(topic));
  }
  /// The same, once the transactions open at the time of the call have ended.
  [[nodiscard]] std::map<std::string, int> SettledCounts(const std::string& topic) {
    return CountKeys(kafka_.ReadSettled(topic));
  }
  /// True if `count` different processes are published.
  [[nodiscard]] bool PublishedWithin(std::size_t count, std::chrono::milliseconds limit) {
    return tests::WaitUntil([&] { return Counts(topics_.processes).size() >= count; }, limit,
                            std::chrono::milliseconds(200));
  }
  /// Records of `callbacks` below the committed offsets.
  [[nodiscard]] std::int64_t Committed() {
    std::int64_t sum = 0;
    for (const auto& [partition, offset] : kafka_.CommittedOffsets(group_, topics_.callbacks)) {
      sum += offset;
    }
    return sum;
  }

 private:
  static std::map<std::string, int> CountKeys(const std::vector<tests::Record>& records) {
    std::map<std::string, int> counts;
    for (const tests::Record& record : records) ++counts[record.key.value_or("")];
    return counts;
  }

  std::string bootstrap_;
  tests::KafkaClient kafka_;
  tests::TempDirectory files_;
  common::TopicNames topics_;
  std::string group_ = tests::UniqueName("group");
  tests::Process api_;
  int api_port_ = 0;
  int api_admin_ = 0;
  std::chrono::milliseconds heartbeat_{500};
};

}  // namespace consumer
