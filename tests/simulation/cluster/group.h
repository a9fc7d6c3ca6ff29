#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "tests/simulation/cluster/network.h"
#include "tests/simulation/cluster/protocol.h"
#include "tests/simulation/cluster/watch.h"

namespace simulation {

/// Kafka's group coordinator for one group of static members (classic protocol, eager, range), and
/// the group's offsets, those of open transactions included.
///
///   kEmpty ─join─► kPreparing ─all have joined, or time is over─► kCompleting ─leader syncs─► kStable
///                     ▲                                                                        │
///                     └──── a new member, one that joins again, a session that ends ◄──────────┘
class Group {
 public:
  struct Settings {
    int partitions = 4;
    Span session = std::chrono::seconds(10);
    Span rebalance = std::chrono::seconds(60);
    Span first_delay = std::chrono::milliseconds(300);
    Span refresh = std::chrono::seconds(5);  ///< Until the leader knows of new partitions.
  };
  Group(Runtime& runtime, ClusterWatch& watch, Settings settings)
      : runtime_(runtime), watch_(watch), settings_(settings) {}

  struct Joined {
    Code code = Code::kNone;
    int generation = -1;
    std::string member_id;
  };
  void Join(const Member& member, const Network::Respond<Joined>& respond);
  struct Synced {
    Code code = Code::kNone;
    std::vector<int> partitions;
  };
  void Sync(const Member& member, const Network::Respond<Synced>& respond);
  [[nodiscard]] Code Heartbeat(const Member& member);

  /// Pending until the transaction ends. Without any word about the member it is not fenced.
  [[nodiscard]] Code CommitOffsets(ProducerId producer, const Member& member,
                                   const OffsetMap& offsets);
  void EndTransaction(ProducerId producer, bool is_commit);
  /// In force at once. Refused while the group has members.
  [[nodiscard]] Code CommitPlainOffsets(const OffsetMap& offsets);
  struct Fetched {
    Code code = Code::kNone;
    OffsetMap offsets;
  };
  [[nodiscard]] Fetched FetchOffsets(const std::vector<int>& partitions, bool must_be_stable) const;

  struct Described {
    Code code = Code::kNone;
    bool is_stable = false;
    struct One {
      std::string instance;
      std::string id;
      std::vector<int> partitions;
    };
    std::vector<One> members;  ///< By name.
  };
  [[nodiscard]] Described Describe() const;

  [[nodiscard]] bool HasPending() const { return !pending_.empty(); }
  /// An offset of that partition may yet be committed.
  [[nodiscard]] bool HasPending(int partition) const {
    return std::ranges::any_of(pending_,
                               [&](const auto& one) { return one.second.contains(partition); });
  }
  [[nodiscard]] const OffsetMap& offsets() const { return offsets_; }
  [[nodiscard]] int generation() const { return generation_; }
  /// The coordinator has moved: sessions begin anew.
  void Moved();
  /// An operator removes a member.
  void Evict(const std::string& instance);
  /// Whether the member has that partition, as the coordinator sees it.
  [[nodiscard]] bool IsOwner(const Member& member, int partition) const;
  /// The topic has so many from now on. A member's client notices after a while.
  void SetPartitions(int partitions);
  /// The topic was deleted.
  void ForgetOffsets() {
    offsets_.clear();
    pending_.clear();
  }

 private:
  enum class State { kEmpty, kPreparing, kCompleting, kStable };
  struct Static {
    std::string id;
    std::vector<int> partitions;
    Network::Respond<Joined> joining;
    Network::Respond<Synced> syncing;
    std::uint64_t session = 0;  ///< Counts the signs of life.
  };

  [[nodiscard]] Code Check(const Member& member) const;
  void KeepAlive(const std::string& instance);
  void Remove(const std::string& instance);
  void Prepare();
  void TryComplete(std::uint64_t rebalance, bool is_over);
  void Assign();

  Runtime& runtime_;
  ClusterWatch& watch_;
  Settings settings_;
  State state_ = State::kEmpty;
  int generation_ = 0;
  std::map<std::string, Static> members_;  ///< By group.instance.id.
  std::string leader_;
  std::uint64_t rebalance_ = 0;
  std::uint64_t last_member_ = 0;
  OffsetMap offsets_;
  std::map<ProducerId, OffsetMap> pending_;
};

}  // namespace simulation
