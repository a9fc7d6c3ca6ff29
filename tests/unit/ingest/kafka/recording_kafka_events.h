#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/partition.h"
#include "ingest/kafka/kafka_events.h"

namespace ingest {

/// Keeps the events as text.
class RecordingKafkaEvents final : public KafkaEvents {
 public:
  void Acknowledged(Duration /*since_produce*/) override { Add("acknowledged"); }
  void BurstSent(std::size_t records) override { Add("burst of " + std::to_string(records)); }
  void BatchSent(std::size_t records) override { Add("batch of " + std::to_string(records)); }
  void Held(Duration /*wait*/) override { Add("held"); }
  void KafkaIsAccepting() override { Add("accepting"); }
  void KafkaIsAway(std::string_view why) override { Add("away: " + std::string(why)); }
  void PartitionsFailing(std::optional<std::size_t> count) override { failing = count; }
  void PartitionFails(common::Partition partition, std::string_view why) override {
    Add(ToText(partition) + " fails: " + std::string(why));
  }
  void PartitionWorks(common::Partition partition) override { Add(ToText(partition) + " works"); }
  void RecordsRefused(std::size_t count, std::string_view why) override {
    Add(std::to_string(count) + " refused: " + std::string(why));
  }
  void TopicFinding(bool is_refused, std::string_view topic, std::string_view what) override {
    Add(std::string(topic) + (is_refused ? " is refused: " : " is doubtful: ") + std::string(what));
  }
  void ProducerRestarted(std::string_view why) override { Add("restarted: " + std::string(why)); }
  void ProducerNotRebuilt(std::string_view why) override {
    Add("not rebuilt: " + std::string(why));
  }
  void BatchesLimited(std::size_t bytes) override { Add("limited to " + std::to_string(bytes)); }

  /// The events since the last call.
  [[nodiscard]] std::vector<std::string> Take() { return std::exchange(events_, {}); }
  std::optional<std::size_t> failing = 0;  ///< The last number of failing partitions.

 private:
  void Add(std::string event) { events_.push_back(std::move(event)); }

  std::vector<std::string> events_;
};

}  // namespace ingest
