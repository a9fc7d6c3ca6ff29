#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/deadline.h"
#include "common/domain/record_headers.h"
#include "common/kafka/handles.h"

namespace tests {

/// `prefix` plus a suffix that no other test or run has.
[[nodiscard]] std::string UniqueName(std::string_view prefix);

/// A record to produce, or one that was read.
struct Record {
  std::optional<std::string> key = {};
  std::optional<std::string> value = {};
  common::RecordHeaders headers = {};
  std::int64_t timestamp_ms = 0;  ///< If 0, produced with the current time.
  std::int32_t partition = -1;    ///< If -1, murmur2_random chooses it by the key.
  std::int64_t offset = -1;       ///< Set by the broker.
};

struct TopicSpec {
  int partitions = 1;
  int replication = 1;
  std::map<std::string, std::string> configs = {};
  /// The nodes of each partition, leader first. Empty: Kafka chooses.
  std::vector<std::vector<std::int32_t>> nodes = {};
};

enum class Isolation { kReadCommitted, kReadUncommitted };

/// Accesses a cluster for a test's purposes, independently of the code under test.
///
/// Time:   every call is bounded by kLimit.
/// Errors: thrown, with the reason.
class KafkaClient {
 public:
  static constexpr std::chrono::seconds kLimit{40};

  explicit KafkaClient(std::string bootstrap);

  /// Creates a topic with a unique name and returns the name. On return, every node knows the topic
  /// and its leaders.
  std::string CreateUniqueTopic(std::string_view prefix, const TopicSpec& spec = {});
  void CreateTopic(const std::string& name, const TopicSpec& spec = {});
  /// Returns once no node knows the topic any more.
  void DeleteTopic(const std::string& name);
  /// Creates the topic anew, with another log.
  void RecreateTopic(const std::string& name, const TopicSpec& spec = {});
  /// Returns once all nodes know a leader of each.
  void AddPartitions(const std::string& topic, int total);
  /// Makes the partition's log begin at `begin`, like retention does.
  void DeleteRecords(const std::string& topic, std::int32_t partition, std::int64_t begin);

  /// Partitions, replication and all effective configs; nullopt if the topic does not exist.
  [[nodiscard]] std::optional<TopicSpec> DescribeTopic(const std::string& name);

  /// Returns the records with their partitions and offsets, in the given order.
  std::vector<Record> Produce(const std::string& topic, std::vector<Record> records);

  /// Produces in one committed transaction, so a control record follows in each partition.
  void ProduceInTransaction(const std::string& topic, const std::vector<Record>& records);

  /// Reads everything up to the current end, by partition and offset. With kReadCommitted it stops
  /// before the first open transaction.
  [[nodiscard]] std::vector<Record> ReadAll(const std::string& topic,
                                            Isolation isolation = Isolation::kReadCommitted);

  /// Passes records on in the order of arrival: ordered within a partition only.
  void ForEach(const std::string& topic, Isolation isolation,
               const std::function<void(const Record&)>& use, std::chrono::seconds limit = kLimit);

  /// Returns once every transaction in the topic's current content is decided. Throws if one stays
  /// open.
  void AwaitSettled(const std::string& topic);

  /// Reads committed records after AwaitSettled(), because Kafka confirms a commit before each
  /// partition has its marker. Throws if a transaction stays open.
  [[nodiscard]] std::vector<Record> ReadSettled(const std::string& topic);

  /// One past the last record, including control records.
  [[nodiscard]] std::int64_t HighWatermark(const std::string& topic, std::int32_t partition);

  /// Where a read_committed reader must stop at present.
  [[nodiscard]] std::int64_t LastStableOffset(const std::string& topic, std::int32_t partition);

  /// The partition's current leader according to one node; -1 if there is none.
  [[nodiscard]] std::int32_t LeaderOf(const std::string& topic, std::int32_t partition);
  /// Returns the leader once every live node knows it.
  std::int32_t AwaitLeader(const std::string& topic, std::int32_t partition);
  /// Returns once every live node knows that the partition has no leader.
  void AwaitNoLeader(const std::string& topic, std::int32_t partition);

  /// Initialises a producer with this transactional.id, which fences the previous owner.
  void SeizeTransactionalId(const std::string& id);

  /// Joins the group as this static member, which fences the previous owner, and disappears without
  /// leaving.
  void SeizeMemberName(const std::string& group, const std::string& member,
                       const std::string& topic);

  /// By partition, without partitions that have no committed offset.
  [[nodiscard]] std::map<std::int32_t, std::int64_t> CommittedOffsets(const std::string& group,
                                                                      const std::string& topic);

 private:
  /// Produces the records at these indices. Returns their errors; stored records get partition and
  /// offset.
  std::map<std::size_t, rd_kafka_resp_err_t> ProduceAll(const std::string& topic,
                                                        std::vector<Record>& records,
                                                        const std::vector<std::size_t>& which,
                                                        const common::Deadline& deadline);
  [[nodiscard]] common::kafka::Handle MakeConsumer(Isolation isolation,
                                                   const std::string& group) const;
  [[nodiscard]] common::kafka::Event AdminResult(rd_kafka_queue_t* queue,
                                                 std::string_view what) const;

  std::string bootstrap_;
  common::kafka::Handle producer_;
};

/// In the records' order; null as "(null)". For comparing whole lists.
[[nodiscard]] std::vector<std::string> Keys(const std::vector<Record>& records);
[[nodiscard]] std::vector<std::string> Values(const std::vector<Record>& records);

}  // namespace tests
