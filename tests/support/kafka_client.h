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

/// `prefix` and something that no other test has, also none of another run.
[[nodiscard]] std::string UniqueName(std::string_view prefix);

/// A record to be produced, or one that was read.
struct Record {
  std::optional<std::string> key = {};
  std::optional<std::string> value = {};
  common::RecordHeaders headers = {};
  std::int64_t timestamp_ms = 0;  ///< Produced with 0: the time of producing.
  std::int32_t partition = -1;    ///< Produced with -1: as murmur2_random places the key.
  std::int64_t offset = -1;       ///< Set by the broker.
};

struct TopicSpec {
  int partitions = 1;
  int replication = 1;
  std::map<std::string, std::string> configs = {};
  /// The nodes that have each partition, its leader first; empty: as Kafka places them.
  std::vector<std::vector<std::int32_t>> nodes = {};
};

enum class Isolation { kReadCommitted, kReadUncommitted };

/// What a test wants from a cluster, apart from what it tests. Every call is bounded (kLimit)
/// and throws with the reason if it fails.
class KafkaClient {
 public:
  static constexpr std::chrono::seconds kLimit{40};

  explicit KafkaClient(std::string bootstrap);

  /// Makes a topic of a unique name and returns the name. Every node knows it by then, with its
  /// leaders.
  std::string CreateUniqueTopic(std::string_view prefix, const TopicSpec& spec = {});
  void CreateTopic(const std::string& name, const TopicSpec& spec = {});
  /// No node knows it any more when this returns.
  void DeleteTopic(const std::string& name);
  /// The same name, another log.
  void RecreateTopic(const std::string& name, const TopicSpec& spec = {});
  void AddPartitions(const std::string& topic, int total);
  /// The partition's log then begins at `begin`, as if retention had passed.
  void DeleteRecords(const std::string& topic, std::int32_t partition, std::int64_t begin);

  /// Partitions, replication and all configs in force. No such topic: nullopt.
  [[nodiscard]] std::optional<TopicSpec> DescribeTopic(const std::string& name);

  /// Returns the records as the broker has them (partition, offset), in the given order.
  std::vector<Record> Produce(const std::string& topic, std::vector<Record> records);

  /// In one transaction, which is committed: a control record follows in each partition.
  void ProduceInTransaction(const std::string& topic, const std::vector<Record>& records);

  /// All that the topic holds when this is called, by partition and offset. Read committed ends
  /// before the first transaction that is still open.
  [[nodiscard]] std::vector<Record> ReadAll(const std::string& topic,
                                            Isolation isolation = Isolation::kReadCommitted);

  /// Hands them over as they come: in the order of their offsets, not of their partitions.
  void ForEach(const std::string& topic, Isolation isolation,
               const std::function<void(const Record&)>& use, std::chrono::seconds limit = kLimit);

  /// Returns once it is decided of all that the topic holds when this is called. Throws if a
  /// transaction stays open.
  void AwaitSettled(const std::string& topic);

  /// The same, read committed, once it is decided of all that the topic holds when this is called:
  /// Kafka answers a commit before it has told each partition. Throws if a transaction stays open.
  [[nodiscard]] std::vector<Record> ReadSettled(const std::string& topic);

  /// One past the last record, control records included.
  [[nodiscard]] std::int64_t HighWatermark(const std::string& topic, std::int32_t partition);

  /// Where a read_committed reader must stop for now.
  [[nodiscard]] std::int64_t LastStableOffset(const std::string& topic, std::int32_t partition);

  /// The node that leads the partition now; -1: none does. So says one of the nodes.
  [[nodiscard]] std::int32_t LeaderOf(const std::string& topic, std::int32_t partition);
  /// Returns the new leader when every living node knows it.
  std::int32_t AwaitLeader(const std::string& topic, std::int32_t partition);
  /// Returns when every living node knows that none leads the partition.
  void AwaitNoLeader(const std::string& topic, std::int32_t partition);

  /// Initialises a producer of that transactional.id, which fences the one that had it.
  void TakeTransactionalId(const std::string& id);

  /// Joins the group as the static member of that name, which fences the one that had it, and is gone
  /// without a word.
  void TakeMemberName(const std::string& group, const std::string& member,
                      const std::string& topic);

  /// By partition; partitions without a committed offset are left out.
  [[nodiscard]] std::map<std::int32_t, std::int64_t> CommittedOffsets(const std::string& group,
                                                                      const std::string& topic);

 private:
  /// What became of those of the records; those that are stored get partition and offset.
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

/// In the order of the records, a missing one as "(null)": for comparing whole lists.
[[nodiscard]] std::vector<std::string> Keys(const std::vector<Record>& records);
[[nodiscard]] std::vector<std::string> Values(const std::vector<Record>& records);

}  // namespace tests
