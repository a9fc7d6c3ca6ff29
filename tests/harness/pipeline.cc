#include "tests/harness/pipeline.h"

#include <fstream>
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

constexpr seconds kStartLimit(60);
constexpr const char* kSigningSecret = "whsec_b2YtdGhlLXN5c3RlbS10ZXN0cw==";
const std::string kEventsRow =
    "kind: events, types: [process.complete], same_as: onfido, extract: { type: /eventName, "
    "expiresAt: /expiresAt, dossierId: /eventData/dossierId, processId: /eventData/processId, "
    "status: /eventData/status }";

PipelineOptions OptionsOfTests() {
  return {.bootstrap = Broker::Shared().bootstrap(),
          .prefix = UniqueName("system") + ".",
          .plan = {.partitions = 4, .dead_partitions = 2, .replication = 1}};
}

simulator::PortHold HoldPort() { return *simulator::PortHold::Reserve("127.0.0.1", 0); }

std::string Loopback(const simulator::PortHold& port) {
  return "127.0.0.1:" + std::to_string(port.port());
}

void Write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

/// Writes "key: value" lines, indented by `indent`.
std::string Block(const Pipeline::Lines& lines, const std::string& indent) {
  std::string yaml;
  for (const auto& [key, value] : lines) yaml.append(indent + key + ": " + value + "\n");
  return yaml;
}

/// Writes the section `kafka`, with quoted values. `properties` may name another listener.
std::string KafkaYaml(const std::string& bootstrap, Pipeline::Lines properties) {
  properties.try_emplace("bootstrap.servers", bootstrap);
  std::string yaml = "kafka:\n";
  for (const auto& [key, value] : properties) {
    yaml.append("  " + key + ": \"" + value + "\"\n");
  }
  return yaml;
}

}  // namespace

Pipeline::Pipeline() : Pipeline(OptionsOfTests()) {}

constexpr const char* kAnnouncing = "Bearer of-the-customer";

Pipeline::Pipeline(PipelineOptions options)
    : options_(std::move(options)),
      own_directory_(options_.directory ? std::nullopt
                                        : std::optional<TempDirectory>(std::in_place)),
      directory_(options_.directory ? *options_.directory : own_directory_->path()),
      topics_{.callbacks = options_.prefix + "callbacks",
              .seen = options_.prefix + "callbacks.seen",
              .processes = options_.prefix + "processes",
              .dead = options_.prefix + "callbacks.dead",
              .expected = options_.prefix + "callbacks.expected"},
      kafka_(options_.bootstrap),
      monitor_(MakeHandle(RD_KAFKA_CONSUMER, options_.bootstrap,
                          {{"isolation.level", "read_committed"}})),
      ingest_port_(HoldPort()),
      ingest_admin_port_(HoldPort()) {
  Write(secret_path(), kAuthorization);
  CreateTopics();
  api_ = std::make_unique<AssureApi>(directory_, options_.api);
}

void Pipeline::AddEvents() {
  const std::filesystem::path secret = directory_ / "secret.signing";
  Write(secret, kSigningSecret);
  providers["events"] = kEventsRow + (", signature: { preset: standard-webhooks, secrets_file: \"" +
                                      secret.string() + "\" }");
  // consumer opens no file of secrets.
  consumer_settings["providers"] = "{ events: { " + providers["events"] + " } }";
}

std::vector<std::string> Pipeline::EventArguments() const {
  return {"--signature", "standard-webhooks", "--signing-secret-file",
          (directory_ / "secret.signing").string()};
}

void Pipeline::AddExpected(const std::string& watching) {
  const std::filesystem::path secret = directory_ / "secret.expected";
  Write(secret, kAnnouncing);
  ingest_settings["expected"] =
      "{ path: /expected, authorization_file: \"" + secret.string() + "\" }";
  consumer_settings["expected"] = watching;
}

std::vector<std::string> Pipeline::AnnounceArguments() const {
  return {"--announce", "http://" + ingest_address() + "/expected", "--announce-authorization-file",
          (directory_ / "secret.expected").string()};
}

void Pipeline::CreateTopics() {
  for (const common::TopicSpec& topic : common::PlanTopics(topics_, options_.plan)) {
    TopicSpec spec{.partitions = topic.partitions,
                   .replication = topic.replication,
                   .configs = {topic.config.begin(), topic.config.end()}};
    if (topic.name == topics_.callbacks && options_.shape_callbacks) {
      options_.shape_callbacks(spec);
    }
    kafka_.CreateTopic(topic.name, spec);
  }
}

void Pipeline::WriteIngestYaml() {
  const auto file = directory_ / "ingest.yaml";
  for (const auto& [provider, settings] : providers) {
    const auto secret = directory_ / ("secret." + provider);
    if (!std::filesystem::exists(secret)) Write(secret, kAuthorization);
  }
  Write(file, IngestYaml());
  if (!ingest_) {
    ingest_ = std::make_unique<Program>(
        directory_, ProgramPlan{"ingest", {}, {"--config", file}, "\"ingest.listening\""});
  }
  ingest_->Use(BinaryOf("ingest"));
}

std::string Pipeline::BinaryOf(const std::string& program) const {
  return binaries.empty() ? Binary(program) : (binaries / program).string();
}

void Pipeline::StartIngest() {
  RestartIngest();
  const std::string url = "http://" + ingest_admin() + "/readyz";
  if (!WaitUntil([&] { return Get(url).status == 200; }, kStartLimit)) {
    throw std::runtime_error("ingest does not get ready\n" + ingest_->Describe());
  }
}

void Pipeline::RestartIngest() {
  WriteIngestYaml();
  ingest_->Start(kStartLimit);
}

std::string Pipeline::ingest_admin() const { return Loopback(ingest_admin_port_); }

std::string Pipeline::consumer_admin(const std::string& name) const {
  return Loopback(consumer_admin_ports_.at(name));
}

std::filesystem::path Pipeline::consumer_yaml(const std::string& name) const {
  return directory_ / ("consumer." + name + ".yaml");
}

void Pipeline::LaunchConsumer(const std::string& name) {
  if (!consumer_admin_ports_.contains(name)) consumer_admin_ports_.emplace(name, HoldPort());
  Write(consumer_yaml(name), ConsumerYaml(name));
  auto& consumer = consumers_[name];
  if (!consumer) {
    consumer = std::make_unique<Program>(
        directory_,
        ProgramPlan{
            "consumer." + name, {}, {"--config", consumer_yaml(name)}, "\"consumer.started\""});
  }
  consumer->Use(BinaryOf("consumer"));
  consumer->Launch();
}

void Pipeline::StartConsumer(const std::string& name) {
  LaunchConsumer(name);
  Program& consumer = *consumers_.at(name);
  if (!WaitUntil([&] { return consumer.HasStarted(); }, kStartLimit)) {
    throw std::runtime_error("consumer does not start in time\n" + consumer.Describe());
  }
}

void Pipeline::RequireAll() {
  api_->program().Require();
  if (ingest_) ingest_->Require();
  for (const auto& [name, consumer] : consumers_) consumer->Require();
}

std::string Pipeline::IngestYaml() const {
  std::string yaml = "listen: " + ingest_address() + "\nadmin: " + ingest_admin() + "\n" +
                     Block(ingest_settings, "") + KafkaYaml(options_.bootstrap, ingest_kafka) +
                     "topics: { callbacks: " + topics_.callbacks +
                     ", expected: " + topics_.expected + " }\nproviders:\n";
  for (const auto& [provider, settings] : providers) {
    yaml.append("  " + provider + ": { authorization_file: \"" +
                (directory_ / ("secret." + provider)).string() + "\"" +
                (settings.empty() ? "" : ", " + settings) + " }\n");
  }
  if (has_spool) {
    yaml += "spool:\n  path: \"" + spool_path().string() + "\"\n" + Block(spool, "  ");
  }
  return yaml;
}

std::string Pipeline::ConsumerYaml(const std::string& name) {
  const std::string api = "http://" + api_->address();
  return "admin: " + consumer_admin(name) + "\ngroup: " + options_.prefix +
         "sluice\ninstance: " + options_.prefix + "consumer-" + name + "\n" +
         Block(consumer_settings, "") + KafkaYaml(options_.bootstrap, consumer_kafka) +
         "topics: { callbacks: " + topics_.callbacks + ", seen: " + topics_.seen +
         ", processes: " + topics_.processes + ", dead: " + topics_.dead +
         ", expected: " + topics_.expected + " }\nassure:\n  base_url: " + api +
         "/assure\n  token_url: " + api +
         "/auth/open/connect/token\n  client_id: system\n  client_secret: tests\n"
         "  scope: signicat-api\n" +
         (fetch.empty() ? "" : "fetch:\n" + Block(fetch, "  "));
}

std::string Pipeline::ingest_address() const { return Loopback(ingest_port_); }
std::string Pipeline::target() const { return "http://" + ingest_address() + "/callbacks"; }

std::unique_ptr<Deliveries> Pipeline::StartDelivery(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(),
                   {"--target", target(), "--authorization-file", secret_path().string()});
  ++deliveries_;
  const std::string number = deliveries_ > 1 ? "." + std::to_string(deliveries_) : "";
  return std::make_unique<Deliveries>(directory_, "deliver" + number, std::move(arguments));
}

Delivered Pipeline::Deliver(std::vector<std::string> arguments) {
  return StartDelivery(std::move(arguments))->Finish();
}

std::int64_t Pipeline::EndsOf(const std::string& topic) {
  std::int64_t sum = 0;
  for (std::int32_t partition = 0; partition < options_.plan.partitions; ++partition) {
    sum += Watermarks(monitor_.get(), topic, partition).second;
  }
  return sum;
}

std::int64_t Pipeline::CountCallbacks() { return EndsOf(topics_.callbacks); }
std::int64_t Pipeline::CountResults() { return EndsOf(topics_.processes); }

std::int64_t Pipeline::Committed() {
  std::int64_t committed = 0;
  for (const auto& [partition, offset] :
       kafka_.CommittedOffsets(options_.prefix + "sluice", topics_.callbacks)) {
    committed += offset;
  }
  return committed;
}

bool Pipeline::AwaitAllDisposed(milliseconds limit) {
  const std::int64_t callbacks = CountCallbacks();
  return WaitUntil([&] { return Committed() >= callbacks; }, limit, milliseconds(100));
}

std::string Pipeline::Describe() {
  std::string text = api_->program().Describe();
  if (ingest_) text += "\n" + ingest_->Describe();
  for (const auto& [name, consumer] : consumers_) text += "\n" + consumer->Describe();
  return text;
}

}  // namespace tests
