#include "tests/harness/pipeline.h"

#include <rapidjson/document.h>

#include <stdexcept>
#include <utility>

#include "tests/harness/broker.h"
#include "tests/support/http_client.h"
#include "tests/support/kafka_calls.h"
#include "tests/support/wait_until.h"

namespace tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kPartitions = 4;
constexpr seconds kStartLimit(60);

/// The number of `"name":123` in the log line of `event`; 0: not there.
int NumberInEvent(const std::string& log, const std::string& event, const std::string& name) {
  const std::size_t line = log.find("{\"event\":\"" + event + "\"");
  if (line == std::string::npos) return 0;
  const std::string key = "\"" + name + "\":";
  const std::size_t at = log.find(key, line);
  if (at == std::string::npos || at > log.find('\n', line)) return 0;
  return std::stoi(log.substr(at + key.size()));
}

std::string AdminAddress(const Process& program, const std::string& event) {
  return "127.0.0.1:" + std::to_string(NumberInEvent(program.StandardError(), event, "admin_port"));
}

}  // namespace

std::int64_t Delivered::Number(const char* name) const {
  rapidjson::Document json;
  json.Parse(report.data(), report.size());
  if (!json.IsObject() || !json.HasMember(name) || !json[name].IsInt64()) {
    throw std::runtime_error("no number " + std::string(name) + " in " + report);
  }
  return json[name].GetInt64();
}

Delivery::Delivery(const std::string& target, std::vector<std::string> arguments)
    : process_(Binary("assure-sim"), [&] {
        std::vector<std::string> all{"deliver",
                                     "--target",
                                     target,
                                     "--quiet",
                                     "--ids-file",
                                     directory_.path() / "ids",
                                     "--authorization",
                                     Pipeline::kAuthorization};
        all.insert(all.end(), arguments.begin(), arguments.end());
        return all;
      }()) {}

Delivered Delivery::Finish(milliseconds limit) {
  if (process_.WaitForExit(limit) != 0) throw std::runtime_error(process_.Describe());
  return {process_.StandardOutput(), ReadIdsFile(directory_.path() / "ids")};
}

Pipeline::Pipeline()
    : name_(UniqueName("system")),
      kafka_(Broker::Shared().bootstrap()),
      monitor_(MakeHandle(RD_KAFKA_CONSUMER, Broker::Shared().bootstrap(),
                          {{"isolation.level", "read_committed"}})),
      ingest_port_(*simulator::PortHold::Take("127.0.0.1", 0)) {
  topics_ = {.callbacks = name_ + ".callbacks",
             .seen = name_ + ".seen",
             .processes = name_ + ".processes",
             .dead = name_ + ".dead"};
  const common::TopicPlan plan{.partitions = kPartitions, .dead_partitions = 2, .replication = 1};
  for (const common::TopicSpec& topic : common::PlanTopics(topics_, plan)) {
    kafka_.CreateTopic(topic.name, {.partitions = topic.partitions,
                                    .replication = topic.replication,
                                    .configs = {topic.config.begin(), topic.config.end()}});
  }
  simulator_ = Launch("assure-sim", {"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"},
                      "simulator.listening");
  const std::string log = simulator_->StandardError();
  api_port_ = NumberInEvent(log, "simulator.listening", "port");
  api_admin_port_ = NumberInEvent(log, "simulator.listening", "admin_port");
}

std::unique_ptr<Process> Pipeline::Launch(const std::string& program,
                                          std::vector<std::string> arguments,
                                          const std::string& event) {
  auto process = std::make_unique<Process>(Binary(program), std::move(arguments));
  if (!process->WaitForOutput("{\"event\":\"" + event + "\"", kStartLimit)) {
    throw std::runtime_error(program + " does not start\n" + process->Describe());
  }
  return process;
}

void Pipeline::StartIngest() {
  if (ingest_) ended_ += ingest_->Describe();
  const auto file = directory_.Write("ingest.yaml", IngestYaml());
  ingest_ = Launch("ingest", {"--config", file}, "ingest.listening");
  const std::string url = "http://" + ingest_admin() + "/readyz";
  if (!WaitUntil([&] { return Get(url).status == 200; }, kStartLimit)) {
    throw std::runtime_error("ingest does not get ready\n" + ingest_->Describe());
  }
}

std::string Pipeline::ingest_admin() const { return AdminAddress(*ingest_, "ingest.listening"); }

std::string Pipeline::consumer_admin(const std::string& name) const {
  return AdminAddress(*consumers_.at(name), "consumer.started");
}

void Pipeline::StartConsumer(const std::string& name) {
  auto& consumer = consumers_[name];
  if (consumer) ended_ += consumer->Describe();
  const auto file = directory_.Write("consumer-" + name + ".yaml", ConsumerYaml(name));
  consumer = Launch("consumer", {"--config", file}, "consumer.started");
}

std::string Pipeline::TopicsYaml() const {
  return "topics: { callbacks: " + topics_.callbacks + ", seen: " + topics_.seen +
         ", processes: " + topics_.processes + ", dead: " + topics_.dead + " }\n";
}

std::string Pipeline::IngestYaml() const {
  std::string yaml = "listen: 127.0.0.1:" + std::to_string(ingest_port_.port()) +
                     "\nadmin: 127.0.0.1:0\ndrain_delay: 0ms\n"
                     "kafka: { bootstrap.servers: \"" +
                     Broker::Shared().bootstrap() +
                     "\" }\ntopics: { callbacks: " + topics_.callbacks + " }\nproviders:\n";
  for (const char* provider : {"onfido", "eid", "readid", "paper", "connect"}) {
    yaml += "  " + std::string(provider) + ": { authorization: [\"" + kAuthorization + "\"] }\n";
  }
  if (has_spool) {
    yaml += "spool: { path: " + (directory_.path() / "spool.db").string() +
            ", max_bytes: 64MiB, min_free_disk: 1MiB }\n";
  }
  return yaml;
}

std::string Pipeline::ConsumerYaml(const std::string& name) const {
  const std::string api = "http://127.0.0.1:" + std::to_string(api_port_);
  std::string yaml = "admin: 127.0.0.1:0\ngroup: " + name_ + "\ninstance: " + name_ + "-" + name +
                     "\ncommit_interval: 50ms\nkafka: { bootstrap.servers: \"" +
                     Broker::Shared().bootstrap() + "\", session.timeout.ms: 6000 }\n" +
                     TopicsYaml() + "assure:\n  base_url: " + api + "/assure\n  token_url: " + api +
                     "/auth/open/connect/token\n  client_id: system\n  client_secret: tests\n"
                     "  scope: signicat-api\nfetch:\n";
  for (const auto& [key, value] : fetch) yaml += "  " + key + ": " + value + "\n";
  return yaml;
}

void Pipeline::Behave(const std::string& json) {
  const HttpAnswer answer =
      Put("http://127.0.0.1:" + std::to_string(api_admin_port_) + "/behaviour", json);
  if (answer.status != 200) throw std::runtime_error(answer.body + answer.error);
}

std::string Pipeline::target() const {
  return "http://127.0.0.1:" + std::to_string(ingest_port_.port()) + "/callbacks";
}

std::unique_ptr<Delivery> Pipeline::StartDelivery(std::vector<std::string> arguments) const {
  return std::make_unique<Delivery>(target(), std::move(arguments));
}

Delivered Pipeline::Deliver(std::vector<std::string> arguments) const {
  return StartDelivery(std::move(arguments))->Finish();
}

std::int64_t Pipeline::EndsOf(const std::string& topic) {
  std::int64_t sum = 0;
  for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
    sum += Watermarks(monitor_.get(), topic, partition).second;
  }
  return sum;
}

std::int64_t Pipeline::CountCallbacks() { return EndsOf(topics_.callbacks); }
std::int64_t Pipeline::CountResults() { return EndsOf(topics_.processes); }

std::int64_t Pipeline::Committed() {
  std::int64_t committed = 0;
  for (const auto& [partition, offset] : kafka_.CommittedOffsets(name_, topics_.callbacks)) {
    committed += offset;
  }
  return committed;
}

bool Pipeline::AwaitAllDisposed(milliseconds limit) {
  const std::int64_t callbacks = CountCallbacks();
  return WaitUntil([&] { return Committed() >= callbacks; }, limit, milliseconds(100));
}

std::string Pipeline::Describe() {
  std::string text = ended_ + simulator_->Describe();
  if (ingest_) text += "\n" + ingest_->Describe();
  for (const auto& [name, consumer] : consumers_) text += "\n" + consumer->Describe();
  return text;
}

}  // namespace tests
