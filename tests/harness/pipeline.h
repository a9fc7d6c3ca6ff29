#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/domain/topics.h"
#include "common/kafka/handles.h"
#include "ops/simulator/port_hold.h"
#include "tests/harness/ledger.h"
#include "tests/harness/process.h"
#include "tests/support/kafka_client.h"
#include "tests/support/temp_directory.h"

namespace tests {

/// What `assure-sim deliver` came to.
struct Delivered {
  std::string report;  ///< Its line of JSON.
  std::vector<SentCallback> callbacks;

  [[nodiscard]] std::int64_t Number(const char* name) const;  ///< Of the report's top level.
};

/// A run of `assure-sim deliver` that is going on.
class Delivery {
 public:
  Delivery(const std::string& target, std::vector<std::string> arguments);

  /// Throws if it does not end within the limit or fails.
  Delivered Finish(std::chrono::milliseconds limit = std::chrono::seconds(120));

 private:
  TempDirectory directory_;
  Process process_;
};

/// The built binaries on topics of their own: simulated API and providers, ingest, consumers.
///
/// Failures to start are thrown with the programs' own words.
class Pipeline {
 public:
  static constexpr const char* kAuthorization = "Bearer of-the-system-tests";

  Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Lines for the `fetch:` section of the consumers that are started from now on:
  /// {"timeout","1s"}.
  std::map<std::string, std::string> fetch{{"backoff", "{ base: 50ms, cap: 1s }"}};

  bool has_spool = false;  ///< Of ingest; to be set before it starts.

  void StartIngest();  ///< On the same port each time; returns when it is ready.
  /// `name` is a short one such as "a"; the same name is the same instance.
  void StartConsumer(const std::string& name = "a");
  [[nodiscard]] Process& ingest() { return *ingest_; }
  [[nodiscard]] Process& consumer(const std::string& name = "a") { return *consumers_.at(name); }

  /// PUT /behaviour of the simulated API.
  void Behave(const std::string& json);

  [[nodiscard]] std::unique_ptr<Delivery> StartDelivery(std::vector<std::string> arguments) const;
  [[nodiscard]] Delivered Deliver(std::vector<std::string> arguments) const;
  [[nodiscard]] std::string target() const;
  /// Address and port of a running program's admin port.
  [[nodiscard]] std::string ingest_admin() const;
  [[nodiscard]] std::string consumer_admin(const std::string& name = "a") const;

  [[nodiscard]] std::int64_t CountCallbacks();  ///< Records on `callbacks`.
  [[nodiscard]] std::int64_t CountResults();    ///< Committed ones, and markers of transactions.
  [[nodiscard]] std::vector<Record> Callbacks() { return kafka_.ReadAll(topics_.callbacks); }
  [[nodiscard]] std::vector<Record> Results() { return kafka_.ReadSettled(topics_.processes); }
  [[nodiscard]] std::vector<Record> Markers() { return kafka_.ReadSettled(topics_.seen); }
  [[nodiscard]] std::vector<Record> DeadLetters() { return kafka_.ReadSettled(topics_.dead); }

  /// Whether the group has committed past every record on `callbacks` within the limit.
  [[nodiscard]] bool AwaitAllDisposed(std::chrono::milliseconds limit = std::chrono::seconds(120));

  /// The programs' states and last lines: for the message of a failed test.
  [[nodiscard]] std::string Describe();

  [[nodiscard]] const common::TopicNames& topics() const { return topics_; }

 private:
  [[nodiscard]] std::string TopicsYaml() const;
  [[nodiscard]] std::string ConsumerYaml(const std::string& name) const;
  [[nodiscard]] std::string IngestYaml() const;
  [[nodiscard]] std::int64_t Committed();
  [[nodiscard]] std::int64_t EndsOf(const std::string& topic);
  std::unique_ptr<Process> Launch(const std::string& program, std::vector<std::string> arguments,
                                  const std::string& event);

  TempDirectory directory_;
  std::string name_;
  KafkaClient kafka_;
  common::kafka::Handle monitor_;  ///< A consumer that is only asked for ends of topics.
  common::TopicNames topics_;
  simulator::PortHold ingest_port_;  ///< Kept while ingest is not there.
  int api_port_ = 0;
  int api_admin_port_ = 0;
  std::unique_ptr<Process> simulator_;
  std::unique_ptr<Process> ingest_;
  std::map<std::string, std::unique_ptr<Process>> consumers_;
  std::string ended_;  ///< Last words of the programs that were started anew.
};

}  // namespace tests
