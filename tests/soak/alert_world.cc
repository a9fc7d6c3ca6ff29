#include "tests/soak/alert_world.h"

#include <csignal>
#include <fstream>

#include "common/base/rfc3339.h"
#include "tests/support/http_client.h"

namespace soak {
namespace {

using std::chrono::seconds;

constexpr const char* kConsumer = "a";
constexpr const char* kForEver = "1000000";

std::string BodyOf(const std::string& id, int padding) {
  return R"({"dossierId":"d-)" + id + R"(","processId":"p-)" + id +
         R"(","status":"accepted","padding":")" +
         std::string(static_cast<std::size_t>(padding), ' ') + "\"}";
}

void Configure(tests::Pipeline& pipeline) {
  // Only an idempotent producer can fail fatally, and only because of records that it still has.
  pipeline.ingest_kafka = {{"enable.idempotence", "true"},
                           {"message.max.bytes", "200000"},
                           {"message.timeout.ms", "60000"}};
  pipeline.spool["max_bytes"] = AlertWorld::kSmallSpool;
  pipeline.AddEvents();
  pipeline.AddExpected("{ within: 2s, max_wait: 1h }");
  pipeline.providers["eid"] = "retry_schedule: [10s, 50s, 80s, 110s]";
  pipeline.consumer_settings["lanes"] = "8";
  pipeline.fetch = {{"not_found_for", "5h"}, {"backoff", "{ cap: 5s }"}};
}

}  // namespace

AlertWorld::AlertWorld(Run& run) : run_(run), rate_(run.options().rate.value_or(100)) {
  run.StartPipeline(1);
  Configure(pipeline());
  run.Step("starting ingest and consumer");
  pipeline().StartIngest();
  pipeline().StartConsumer(kConsumer);
  providers_ = pipeline().StartDelivery(
      {"--providers", "onfido:4,eid:3,readid:3,paper", "--count", kForEver, "--open-loop",
       std::to_string(rate_), "--concurrency", "1500", "--speed", "60", "--duplicate-rate", "0.1",
       "--seed", std::to_string(run.seed())});
  SendConnect();
}

void AlertWorld::RequireAll() {
  pipeline().api().program().Require();
  if (has_ingest_) pipeline().ingest_program().Require();
  if (has_consumer_) pipeline().consumer_program(kConsumer).Require();
}

void AlertWorld::KillIngest() {
  has_ingest_ = false;
  pipeline().ingest().Kill();
}

void AlertWorld::StartIngest() {
  pipeline().StartIngest();
  has_ingest_ = true;
}

void AlertWorld::KillConsumer() {
  has_consumer_ = false;
  pipeline().consumer(kConsumer).Kill();
}

void AlertWorld::StartConsumer() {
  pipeline().StartConsumer(kConsumer);
  has_consumer_ = true;
}

void AlertWorld::SendConnect() {
  connect_ = pipeline().StartDelivery({"--providers", "connect", "--count", kForEver, "--open-loop",
                                       std::to_string(rate_ / 20 + 1), "--concurrency", "200",
                                       "--seed", std::to_string(run_.seed() + ++connects_)});
}

int AlertWorld::Post(const std::string& provider, int padding) {
  return PostText(provider, BodyOf("by-hand-" + std::to_string(posts_++), padding));
}

int AlertWorld::PostText(const std::string& provider, std::string body) {
  return tests::Post(pipeline().target() + "/" + provider, std::move(body),
                     {{"Authorization", tests::Pipeline::kAuthorization}})
      .status;
}

void AlertWorld::WriteCallbackOfTheFuture() {
  const std::string in_an_hour = common::FormatRfc3339(common::WallNow() + std::chrono::hours(1));
  pipeline().kafka().Produce(pipeline().topics().callbacks,
                             {{.key = "p-future",
                               .value = BodyOf("future", 0),
                               .headers = {{"provider", "paper"}, {"received-at", in_an_hour}}}});
}

void AlertWorld::SendStaleEvents() {
  std::vector<std::string> arguments{
      "--providers",  "events", "--count", "10",
      "--stale-rate", "1",      "--seed",  std::to_string(run_.seed() + 1000)};
  for (std::string& argument : pipeline().EventArguments()) {
    arguments.push_back(std::move(argument));
  }
  (void)pipeline().Deliver(std::move(arguments));
}

bool AlertWorld::Expect(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "expect");
  arguments.insert(arguments.end(), {"--config", pipeline().consumer_yaml(kConsumer).string()});
  return Ctl(std::move(arguments));
}

bool AlertWorld::Ctl(std::vector<std::string> arguments) const {
  const auto log = run_.directory() / ("sluicectl-" + arguments.front() + ".log");
  const auto finished =
      tests::RunProgram(tests::Binary("sluicectl"), std::move(arguments), seconds(60));
  std::ofstream(log) << finished.output << finished.error_output;
  return finished.status == 0;
}

void AlertWorld::ChangeSecrets(const std::set<std::string>& providers, const std::string& secret) {
  for (const std::string& provider : providers) {
    std::ofstream(run_.directory() / ("secret." + provider)) << secret;
  }
  pipeline().ingest().Signal(SIGHUP);
}

double AlertWorld::SumOfIngest(const std::string& name,
                               const tests::MetricsPage::Labels& labels) const {
  const auto metrics = tests::MetricsPage::Of(run_.pipeline().ingest_admin());
  return metrics ? metrics->Sum("sluice_ingest_" + name, labels) : 0;
}

double AlertWorld::StoredByIngest() const {
  return SumOfIngest("callbacks_total", {{"outcome", "stored"}});
}

double AlertWorld::CountOfConsumer(const std::string& outcome) const {
  const auto metrics = tests::MetricsPage::Of(run_.pipeline().consumer_admin(kConsumer));
  return metrics ? metrics->Sum("sluice_consumer_callbacks_total", {{"outcome", outcome}}) : 0;
}

}  // namespace soak
