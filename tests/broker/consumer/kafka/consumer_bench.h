#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/guarded.h"
#include "common/domain/marker.h"
#include "common/telemetry/log.h"
#include "consumer/kafka/client_settings.h"
#include "consumer/kafka/source_consumer.h"
#include "consumer/kafka/transactional_producer.h"
#include "tests/harness/broker.h"
#include "tests/support/kafka_client.h"
#include "tests/support/wait_until.h"

namespace consumer {

inline common::Deadline Soon() { return common::Deadline::After(std::chrono::seconds(60)); }

inline common::Identity IdentityNumber(std::uint8_t number) {
  common::Identity identity;
  identity.bytes.fill(number);
  return identity;
}

/// Collects a logger's output, from any thread.
class LogLines {
 public:
  [[nodiscard]] common::Logger::Sink sink() {
    return [this](std::string_view line) { text_.With([&](auto& text) { text += line; }); };
  }
  [[nodiscard]] std::string text() {
    return text_.With([](const auto& text) { return text; });
  }
  [[nodiscard]] bool Await(const std::string& part, std::chrono::milliseconds limit) {
    return tests::WaitUntil([&] { return text().find(part) != std::string::npos; }, limit);
  }

 private:
  common::Guarded<std::string> text_;
};

/// Topics and a group of its own, on the shared broker unless another one is given.
class ConsumerBench {
 public:
  explicit ConsumerBench(int partitions = 1, const tests::Broker& broker = tests::Broker::Shared(),
                         int replication = 1)
      : bootstrap_(broker.bootstrap()), kafka_(bootstrap_), log_("test") {
    topics_.callbacks = kafka_.CreateUniqueTopic("callbacks", {partitions, replication, {}});
    topics_.seen = kafka_.CreateUniqueTopic("seen", {partitions, replication, {}});
    topics_.processes = kafka_.CreateUniqueTopic("processes", {partitions, replication, {}});
    topics_.dead = kafka_.CreateUniqueTopic("dead", {partitions, replication, {}});
  }

  [[nodiscard]] tests::KafkaClient& kafka() { return kafka_; }
  [[nodiscard]] common::TopicNames& topics() { return topics_; }
  [[nodiscard]] const common::Logger& log() const { return log_; }
  [[nodiscard]] const std::string& group() const { return group_; }

  [[nodiscard]] ClientSettings Settings(const std::string& instance) const {
    // A transaction stays open until the test ends it, even on a slow machine.
    return {.properties = {{"bootstrap.servers", bootstrap_},
                           {"transaction.timeout.ms", "60000"},
                           {"session.timeout.ms", "30000"},
                           {"heartbeat.interval.ms", "300"}},
            .topics = topics_,
            .group = group_,
            .instance = group_ + "-" + instance};
  }

  /// A producer that is ready to begin. `more`: further properties.
  [[nodiscard]] std::unique_ptr<TransactionalProducer> Producer(
      const std::string& instance, const common::kafka::Properties& more = {}) {
    ClientSettings settings = Settings(instance);
    for (const auto& [name, value] : more) settings.properties[name] = value;
    auto producer = TransactionalProducer::Create(settings, log_);
    if (!producer) throw std::runtime_error(producer.error().detail);
    if (const auto ready = (*producer)->Initialise(Soon()); !ready) {
      throw std::runtime_error(ready.error().detail);
    }
    return *std::move(producer);
  }

  /// A callback's result and marker, and the offset after it.
  [[nodiscard]] static Batch OneCallback(std::int32_t partition, std::uint8_t number,
                                         std::int64_t offset, const GroupMembership& membership) {
    Batch batch;
    batch.records.push_back({.topic = OutgoingTopic::kProcesses,
                             .partition = Partition(partition),
                             .timestamp = std::nullopt,
                             .key = "p" + std::to_string(number),
                             .value = "{}",
                             .headers = {}});
    batch.records.push_back(MarkerRecord(partition, number));
    batch.offsets = {{Partition(partition), Offset(offset)}};
    batch.membership = membership;
    return batch;
  }
  [[nodiscard]] static OutgoingRecord MarkerRecord(
      std::int32_t partition, std::uint8_t number,
      common::WallTime time = common::WallNow() - std::chrono::minutes(5)) {
    return {.topic = OutgoingTopic::kSeen,
            .partition = Partition(partition),
            .timestamp = time,
            .key = std::string(IdentityNumber(number).view()),
            .value = {},
            .headers = common::MarkerHeaders(common::MarkerOutcome::kPublished)};
  }

 private:
  std::string bootstrap_;
  tests::KafkaClient kafka_;
  common::Logger log_;
  common::TopicNames topics_;
  std::string group_ = tests::UniqueName("group");
};

/// A member that obeys rebalances and keeps the records that it reads.
class Member final : private SourceListener {
 public:
  Member(ConsumerBench& bench, const std::string& instance) {
    auto source = SourceConsumer::Create(bench.Settings(instance), bench.log());
    if (!source) throw std::runtime_error(source.error().detail);
    source_ = *std::move(source);
  }

  void Poll() { source_->Poll(*this, 100); }
  [[nodiscard]] bool PollUntilAssigned(std::size_t partitions) {
    return tests::WaitUntil(
        [&] {
          Poll();
          return is_assigned && assigned.size() == partitions;
        },
        std::chrono::seconds(30));
  }
  [[nodiscard]] SourceConsumer& source() { return *source_; }
  void Renew() { source_->Renew(*this, Source::MemberName::kSame); }
  void Close() { source_->Close(*this); }
  [[nodiscard]] bool Seeks(Partition partition, Offset offset) {
    return !source_->Seek({{partition, offset}}).empty();
  }

  std::vector<Partition> assigned;
  bool is_assigned = false;
  int revocations = 0;
  std::vector<SourceRecord> records;
  std::map<Partition, Offset> ends;  ///< As reported by the client.
  std::vector<Partition> refused;    ///< Each time that a position was.

 private:
  void Assigned(const std::vector<Partition>& partitions) override {
    assigned = partitions;
    is_assigned = true;
  }
  void Revoked(bool /*is_lost*/) override {
    assigned.clear();
    is_assigned = false;
    ++revocations;
  }
  void AtEnd(Partition partition, Offset offset) override { ends[partition] = offset; }
  void PositionRefused(Partition partition) override { refused.push_back(partition); }
  bool Take(const ArrivedRecord& record) override {
    records.push_back(record.Keep());
    return true;
  }

  std::unique_ptr<SourceConsumer> source_;
};

}  // namespace consumer
