#include "ops/ctl/cluster.h"

#include <chrono>
#include <utility>

namespace ctl {
namespace {

using common::Deadline;
using common::Error;
using common::Result;
namespace kafka = common::kafka;

Deadline AdminDeadline() { return Deadline::After(std::chrono::seconds(10)); }

}  // namespace

Cluster::Cluster(std::string bootstrap)
    : bootstrap_(std::move(bootstrap)),
      silent_("sluicectl", [](std::string_view /*line*/) {}),
      log_(silent_, "admin", [this](const kafka::ClientLogLine& line) {
        constexpr int kError = 3;
        if (line.level > kError) return;
        last_words_.With([&](std::string& words) { words = line.text; });
      }) {}

Result<std::unique_ptr<Cluster>> Cluster::Open(const ClusterSettings& settings) {
  const kafka::Properties defaults = {{"socket.nagle.disable", "true"},
                                      {"reconnect.backoff.max.ms", "500"}};
  Result<kafka::Conf> conf = kafka::BuildConfOf(RD_KAFKA_PRODUCER, {&defaults, &settings.kafka});
  if (!conf) return conf.error();
  const auto bootstrap = settings.kafka.find("bootstrap.servers");
  std::unique_ptr<Cluster> cluster(
      new Cluster(bootstrap == settings.kafka.end() ? "" : bootstrap->second));
  cluster->log_.Attach(conf->get());
  Result<kafka::Handle> client = kafka::NewProducer(*std::move(conf));
  if (!client) return client.error();
  cluster->client_ = *std::move(client);
  return cluster;
}

Result<kafka::ClusterFacts> Cluster::Facts(const std::vector<std::string>& topics) {
  Result<kafka::ClusterFacts> facts =
      kafka::FetchClusterFacts(client_.get(), topics, AdminDeadline());
  if (!facts) return Explained(facts.error());
  return facts;
}

Result<std::vector<kafka::TopicCreation>> Cluster::Create(
    const std::vector<common::TopicSpec>& specs) {
  auto created = kafka::CreateTopics(client_.get(), specs, AdminDeadline());
  if (!created) return Explained(created.error());
  return created;
}

Error Cluster::Explained(const Error& error) const {
  if (error.code != kafka::kNoBroker) return error;
  const std::string words = last_words_.With([](const std::string& last) { return last; });
  return {error.remedy, error.code,
          "no broker answers at " + bootstrap_ + (words.empty() ? "" : ": " + words)};
}

}  // namespace ctl
