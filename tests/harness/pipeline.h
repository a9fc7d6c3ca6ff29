#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/domain/topics.h"
#include "common/kafka/handles.h"
#include "ops/simulator/port_hold.h"
#include "tests/harness/assure_api.h"
#include "tests/harness/deliveries.h"
#include "tests/harness/ledger.h"
#include "tests/harness/metrics_page.h"
#include "tests/harness/program.h"
#include "tests/support/kafka_client.h"
#include "tests/support/temp_directory.h"

namespace tests {

/// Where a pipeline runs and what its topics look like.
struct PipelineOptions {
  std::string bootstrap;
  std::string prefix;  ///< For its topics, group and instances.
  common::TopicPlan plan;
  std::optional<std::filesystem::path> directory{};   ///< For its files; nullopt: a temporary one.
  std::vector<std::string> api{};                     ///< Options of the simulated API.
  std::function<void(TopicSpec&)> shape_callbacks{};  ///< Adjusts the new topic `callbacks`.
};

/// The built binaries on their own topics: simulated API and providers, ingest, consumers. All keep
/// their ports across restarts.
///
/// Errors: failures to start are thrown, with the programs' output.
class Pipeline {
 public:
  static constexpr const char* kAuthorization = "Bearer of-the-system-tests";

  /// Uses the broker that all tests share.
  Pipeline();
  explicit Pipeline(PipelineOptions options);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  using Lines = std::map<std::string, std::string>;  ///< Keys and values of a YAML section.
  /// Settings of the programs' configurations, in force from their next start.
  Lines ingest_settings{{"drain_delay", "0ms"}};
  Lines ingest_kafka{};
  Lines providers{{"onfido", ""}, {"eid", ""}, {"readid", ""}, {"paper", ""}, {"connect", ""}};
  Lines spool{{"max_bytes", "64MiB"}, {"min_free_disk", "1MiB"}};
  bool has_spool = false;
  Lines consumer_settings{{"commit_interval", "50ms"}};
  Lines consumer_kafka{{"session.timeout.ms", "6000"}};
  Lines fetch{{"backoff", "{ base: 50ms, cap: 1s }"}};
  /// The directory of ingest and consumer, in force from their next start. Empty: those of this
  /// build.
  std::filesystem::path binaries;

  /// Adds the row `events`: both secrets must be right, Authorization and the signature. Its facts
  /// are those of onfido, too.
  void AddEvents();
  /// Options with which `assure-sim deliver` signs for that row.
  [[nodiscard]] std::vector<std::string> EventArguments() const;

  /// ingest takes announcements, and consumer watches for announced processes. `watching`:
  /// consumer's settings, "{ within: 10s }".
  void AddExpected(const std::string& watching);
  /// Options with which `assure-sim deliver` announces there.
  [[nodiscard]] std::vector<std::string> AnnounceArguments() const;

  void StartIngest();    ///< Returns once it is ready.
  void RestartIngest();  ///< After a kill. Returns once it listens.
  /// `name` is short, such as "a". The same name means the same instance. Returns once it has
  /// started.
  void StartConsumer(const std::string& name = "a");
  /// Like StartConsumer(), but does not wait.
  void LaunchConsumer(const std::string& name);
  [[nodiscard]] Process& ingest() { return ingest_->process(); }
  [[nodiscard]] Process& consumer(const std::string& name = "a") {
    return consumers_.at(name)->process();
  }
  [[nodiscard]] Program& ingest_program() { return *ingest_; }
  [[nodiscard]] Program& consumer_program(const std::string& name) { return *consumers_.at(name); }
  /// True if the consumer was ever started.
  [[nodiscard]] bool HasConsumer(const std::string& name) const {
    return consumers_.contains(name);
  }
  [[nodiscard]] AssureApi& api() { return *api_; }
  /// Throws if a started program is not running.
  void RequireAll();

  /// PUT /behaviour of the simulated API.
  void Behave(const std::string& json) { api_->Behave(json); }

  [[nodiscard]] std::unique_ptr<Deliveries> StartDelivery(std::vector<std::string> arguments);
  [[nodiscard]] Delivered Deliver(std::vector<std::string> arguments);
  [[nodiscard]] std::string target() const;
  [[nodiscard]] std::string ingest_address() const;  ///< host:port.
  /// host:port of a program's admin port.
  [[nodiscard]] std::string ingest_admin() const;
  [[nodiscard]] std::string consumer_admin(const std::string& name = "a") const;
  [[nodiscard]] std::filesystem::path directory() const { return directory_; }
  [[nodiscard]] std::filesystem::path spool_path() const { return directory_ / "spool.db"; }
  /// The file with the Authorization value that providers send.
  [[nodiscard]] std::filesystem::path secret_path() const { return directory_ / "secret"; }
  /// The configuration by which sluicectl finds this pipeline.
  [[nodiscard]] std::filesystem::path consumer_yaml(const std::string& name = "a") const;

  [[nodiscard]] std::int64_t CountCallbacks();  ///< Records on `callbacks`.
  [[nodiscard]] std::int64_t CountResults();    ///< Committed results and transaction markers.
  [[nodiscard]] std::vector<Record> Callbacks() { return kafka_.ReadAll(topics_.callbacks); }
  [[nodiscard]] std::vector<Record> Results() { return kafka_.ReadSettled(topics_.processes); }
  [[nodiscard]] std::vector<Record> Markers() { return kafka_.ReadSettled(topics_.seen); }
  [[nodiscard]] std::vector<Record> DeadLetters() { return kafka_.ReadSettled(topics_.dead); }
  [[nodiscard]] KafkaClient& kafka() { return kafka_; }

  /// True if the group commits past every record on `callbacks` within the limit.
  [[nodiscard]] bool AwaitAllDisposed(std::chrono::milliseconds limit = std::chrono::seconds(120));

  /// The programs' states and last log lines, for the message of a failed test.
  [[nodiscard]] std::string Describe();

  [[nodiscard]] const common::TopicNames& topics() const { return topics_; }

 private:
  void CreateTopics();
  [[nodiscard]] std::string BinaryOf(const std::string& program) const;
  [[nodiscard]] std::string ConsumerYaml(const std::string& name);
  [[nodiscard]] std::string IngestYaml() const;
  void WriteIngestYaml();
  [[nodiscard]] std::int64_t Committed();
  [[nodiscard]] std::int64_t EndsOf(const std::string& topic);

  PipelineOptions options_;
  std::optional<TempDirectory> own_directory_;  ///< Used if the options name no directory.
  std::filesystem::path directory_;
  common::TopicNames topics_;
  KafkaClient kafka_;
  common::kafka::Handle monitor_;    ///< A consumer used only to ask for the ends of topics.
  simulator::PortHold ingest_port_;  ///< Reserved while ingest is down.
  simulator::PortHold ingest_admin_port_;
  std::map<std::string, simulator::PortHold> consumer_admin_ports_;
  std::unique_ptr<AssureApi> api_;
  std::unique_ptr<Program> ingest_;
  std::map<std::string, std::unique_ptr<Program>> consumers_;
  int deliveries_ = 0;
};

}  // namespace tests
