// The contract of the ports, with a real broker. tests/simulation has the model's.
#include "tests/broker/consumer/kafka/kafka_contract.h"

#include "consumer/kafka/source_consumer.h"
#include "tests/broker/consumer/kafka/consumer_bench.h"

namespace consumer {
namespace {

class RealKafka {
 public:
  explicit RealKafka(int partitions) : bench_(partitions) {}

  template <typename Body>
  void Run(Body body) {
    body();
  }
  [[nodiscard]] ClientSettings Settings(const std::string& instance) const {
    return bench_.Settings(instance);
  }
  [[nodiscard]] const common::Logger& log() const { return bench_.log(); }
  [[nodiscard]] const common::TopicNames& topics() { return bench_.topics(); }
  [[nodiscard]] std::unique_ptr<Source> MakeSource(const std::string& instance) {
    auto source = SourceConsumer::Create(bench_.Settings(instance), bench_.log());
    if (!source) throw std::runtime_error(source.error().detail);
    return *std::move(source);
  }
  void Write(int partition, const std::string& key) {
    bench_.kafka().Produce(bench_.topics().callbacks,
                           {{.key = key, .value = "{}", .partition = partition}});
  }
  [[nodiscard]] std::vector<std::string> KeysOn(const std::string& topic) {
    return tests::Keys(bench_.kafka().ReadSettled(topic));
  }

 private:
  ConsumerBench bench_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Real, KafkaContract, RealKafka);

}  // namespace
}  // namespace consumer
