#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/cluster/group.h"
#include "tests/simulation/cluster/network.h"
#include "tests/simulation/cluster/partition_log.h"
#include "tests/simulation/cluster/transactions.h"
#include "tests/simulation/cluster/watch.h"

namespace simulation {

/// A model of Kafka: brokers with the four topics, one group and the transactions, as far as the
/// clients of a consumer see them. Logs are those of the leaders: what is acknowledged by all
/// survives a new leader.
///
/// Threads: handlers run as events of the runtime; members of the section "requests" block a fiber.
class Cluster {
 public:
  struct Settings {
    int brokers = 3;
    int partitions = 4;  ///< Of `callbacks`, `processes` and `callbacks.seen`.
    int dead_partitions = 2;
    std::size_t max_request_bytes = 6'000;  ///< Of the topics that are written in transactions.
    bool has_announcements = false;         ///< `callbacks.expected` exists.
    std::size_t max_callback_bytes = 0;     ///< Of a batch that ProducePlain() brings; 0: any.
    bool has_epochs = false;  ///< Clients know epochs of leaders, as librdkafka does from 2.1 on.
  };
  Cluster(Runtime& runtime, Random random, Trace& trace, ClusterWatch& watch, Settings settings);

  /// The one that the model clients speak to.
  static Cluster& Current();
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // Requests of clients.
  struct Offsets {
    Code code = Code::kNone;
    std::map<int, Offset> offsets;
  };
  enum class Query { kBegin, kEnd, kStableEnd };
  /// Of the partitions whose leaders answer.
  [[nodiscard]] std::map<int, Offset> LookUp(Topic topic, const std::vector<int>& partitions,
                                             Query query, Time until);
  [[nodiscard]] std::map<int, Offset> LookUpTimes(Topic topic, const std::map<int, WallTime>& times,
                                                  Time until);
  struct Records {
    Code code = Code::kNone;
    std::vector<Entry> entries;
    Offset begin = 0;
    Offset next = 0;       ///< Where to go on: control records and what is not visible are passed.
    Offset bound = 0;      ///< The end, or for committed eyes the stable end.
    bool is_out = false;   ///< The offset is not one of the log.
    std::size_t cuts = 0;  ///< As far as the leader's epoch tells.
  };
  [[nodiscard]] Reply<Records> Fetch(Place place, Offset from, bool is_committed_only,
                                     std::size_t most, Span timeout);

  struct Produced {
    Code code = Code::kNone;
  };
  [[nodiscard]] Reply<Produced> Produce(Place place, Producer producer, int sequence,
                                        const std::vector<Entry>& batch, Span timeout);
  /// Without transaction and sequence, to `callbacks`: acknowledged by all replicas.
  [[nodiscard]] Reply<Produced> ProducePlain(Place place, const std::vector<Entry>& batch,
                                             Span timeout);
  /// The same of an idempotent producer: a request with a number that was carried out is answered
  /// as then. To any topic; a time of the epoch is replaced by that of the leader's clock.
  [[nodiscard]] Reply<Produced> ProduceOnce(Place place, std::uint64_t number, const Entry& entry,
                                            Span timeout);
  [[nodiscard]] std::uint64_t NextNumber() { return ++last_number_; }
  struct Leaders {
    Code code = Code::kNone;
    int partitions = 0;
    std::set<int> without;  ///< The partitions that have none.
  };
  [[nodiscard]] Reply<Leaders> FindLeaders(Topic topic, int broker, Span timeout);
  [[nodiscard]] Reply<Transactions::Initialised> InitProducer(const std::string& id, Span age,
                                                              Span timeout);
  [[nodiscard]] Reply<Status> AddPartitions(const std::string& id, Producer producer,
                                            const std::set<Place>& places, Span timeout);
  [[nodiscard]] Reply<Status> EndTransaction(const std::string& id, Producer producer,
                                             bool is_commit, Span timeout);
  [[nodiscard]] Reply<Status> CommitOffsets(Producer producer, const Member& member,
                                            const OffsetMap& offsets, Span timeout);
  [[nodiscard]] Reply<Group::Fetched> FetchOffsets(const std::vector<int>& partitions,
                                                   bool must_be_stable, Span timeout);
  [[nodiscard]] Reply<Group::Joined> Join(const Member& member, Span timeout);
  [[nodiscard]] Reply<Group::Synced> Sync(const Member& member, Span timeout);
  [[nodiscard]] Reply<Status> Heartbeat(const Member& member, Span timeout);
  [[nodiscard]] Reply<Group::Described> Describe(Span timeout);
  /// Of somebody who is no member, outside of any transaction.
  [[nodiscard]] Reply<Status> CommitPlainOffsets(const OffsetMap& offsets, Span timeout);
  /// CreatePartitions: the topic then has so many, without a leader at first.
  [[nodiscard]] Reply<Status> Grow(Topic topic, int partitions, int broker, Span timeout);

  // Faults.
  void CrashBroker(int broker);
  void RestartBroker(int broker);
  void FreezeBroker(int broker) { network_.Freeze(broker); }
  void ThawBroker(int broker) { network_.Thaw(broker); }
  /// For so long without a leader, with all brokers up.
  void LoseLeader(Place place, Span span);
  void SetClock(int broker, Span error) { clocks_.at(static_cast<std::size_t>(broker)) = error; }
  /// Acks of all replicas of these partitions of `callbacks` are impossible.
  void SetShortOfReplicas(std::set<int> partitions) { short_of_replicas_ = std::move(partitions); }
  void SetMaxCallbackBytes(std::size_t bytes) { settings_.max_callback_bytes = bytes; }
  /// With the time of its leader's clock. Of `callbacks` and `callbacks.expected`.
  void Append(Place place, Entry entry);
  /// The log, of one of the same topics, ends there from now on, as after a crash without replicas.
  void Truncate(Place place, Offset end);
  /// Retention deletes the records below.
  void ExpireCallbacks(int partition, Offset begin);
  /// The topic is deleted, with the group's offsets, and created again.
  void RecreateCallbacks();
  void Evict(const std::string& instance);

  // For judges.
  [[nodiscard]] const PartitionLog& log(Place place) const { return logs_.at(place); }
  [[nodiscard]] const Group& group() const { return group_; }
  [[nodiscard]] const Transactions& transactions() const { return transactions_; }
  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] int PartitionsOf(Topic topic) const;
  [[nodiscard]] std::vector<Place> DataPlaces() const;

  Network& network() { return network_; }
  [[nodiscard]] const Network& network() const { return network_; }
  MarkerFaults& marker_faults() { return transactions_.faults; }
  [[nodiscard]] Runtime& runtime() { return runtime_; }
  [[nodiscard]] Random& client_random() { return client_random_; }
  [[nodiscard]] Trace& trace() { return trace_; }

 private:
  [[nodiscard]] PartitionLog& LogOf(Place place) { return logs_.at(place); }
  [[nodiscard]] WallTime WallOf(Place place) const;
  /// Whether its leader takes these records.
  [[nodiscard]] Code Validate(Place place, const std::vector<Entry>& batch) const;
  bool WriteMarker(Place place, Producer producer, bool is_commit);
  void Elect(Place place);
  void AddPlaces(Topic topic, int partitions);
  void ExpireEverySecond();

  Runtime& runtime_;
  Random random_;
  Random client_random_;
  Trace& trace_;
  ClusterWatch& watch_;
  Settings settings_;
  Network network_;
  Transactions transactions_;
  Group group_;
  std::map<Place, PartitionLog> logs_;
  std::map<Topic, int> grown_;  ///< The partitions of topics that have more than at first.
  std::vector<Span> clocks_;    ///< By broker: how wrong.
  std::set<int> short_of_replicas_;
  std::uint64_t last_number_ = 0;
  std::set<std::uint64_t> produced_;  ///< Numbers of ProduceOnce() that were carried out.
};

}  // namespace simulation
