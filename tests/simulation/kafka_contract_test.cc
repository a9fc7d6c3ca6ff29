// The contract of consumer's ports, with the model. tests/broker has that of a real broker.
#include "tests/broker/consumer/kafka/kafka_contract.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/clients/model_source.h"
#include "tests/simulation/clients/topics.h"
#include "tests/simulation/cluster/site.h"

namespace simulation {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class ModelKafka final : public ClusterWatch {
 public:
  explicit ModelKafka(int partitions) : log_("test", [](std::string_view) {}) {
    site_.cluster.emplace(site_.runtime, Random(1), site_.trace, *this,
                          Cluster::Settings{.brokers = 3, .partitions = partitions});
  }

  /// On a thread of one process, in virtual time, until all that it has started has ended.
  template <typename Body>
  void Run(Body body) {
    Runtime& runtime = site_.runtime;
    runtime.Spawn(host_, [&] { body(); });
    const Time enough = runtime.now() + minutes(30);
    while (runtime.fibers() > 0 && runtime.now() < enough) {
      runtime.RunUntil(runtime.now() + seconds(1));
    }
    EXPECT_EQ(runtime.fibers(), 0U);
  }
  [[nodiscard]] consumer::ClientSettings Settings(const std::string& instance) const {
    return {.properties = {}, .topics = topics_, .group = "sluice", .instance = instance};
  }
  [[nodiscard]] const common::Logger& log() const { return log_; }
  [[nodiscard]] const common::TopicNames& topics() const { return topics_; }
  [[nodiscard]] std::unique_ptr<consumer::Source> MakeSource(const std::string& instance) {
    return std::make_unique<ModelSource>(host_, instance, [] {});
  }
  void Write(int partition, const std::string& key) {
    Entry entry;
    entry.key = key;
    entry.value = "{}";
    site_.cluster->Append({Topic::kCallbacks, partition}, std::move(entry));
  }
  [[nodiscard]] std::vector<std::string> KeysOn(const std::string& topic) {
    EXPECT_TRUE(
        tests::WaitUntil([&] { return site_.cluster->transactions().IsQuiet(); }, seconds(60)));
    std::vector<std::string> keys;
    for (int partition = 0; partition < site_.cluster->PartitionsOf(TopicOf(topic)); ++partition) {
      const PartitionLog& log = site_.cluster->log({TopicOf(topic), partition});
      for (Offset at = log.begin(); at < log.end(); ++at) {
        const Entry& entry = log.At(at);
        if (!entry.is_control && entry.fate == Fate::kCommitted) keys.push_back(entry.key);
      }
    }
    return keys;
  }

 private:
  void Written(Place /*place*/, const Entry& /*entry*/) override {}
  void Ended(Place /*place*/, const Entry& /*entry*/) override {}
  void Decided(std::uint64_t /*transaction*/, bool /*is_commit*/) override {}
  void OffsetCommitted(int /*partition*/, const Committed& /*committed*/) override {}

  common::TopicNames topics_;
  common::Logger log_;
  Host host_;
  Site site_;
};

}  // namespace
}  // namespace simulation

namespace consumer {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(Model, KafkaContract, simulation::ModelKafka);

}  // namespace
}  // namespace consumer
