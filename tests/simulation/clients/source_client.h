#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "consumer/kafka/join_watch.h"
#include "tests/simulation/clients/model_source.h"
#include "tests/simulation/cluster/cluster.h"

namespace simulation {

/// One librdkafka consumer, and its work beside the application.
struct ModelSource::Client {
  Client(Member self, std::shared_ptr<consumer::JoinWatch> joins, std::function<void()> wake)
      : member(std::move(self)), join_watch(std::move(joins)), wake_lane(std::move(wake)) {}

  /// The two fibers.
  static void RunMember(const std::shared_ptr<Client>& client);
  static void RunFetcher(const std::shared_ptr<Client>& client);

  struct Rebalance {
    bool is_assignment = false;
    std::vector<int> partitions;
  };
  struct Flow {
    Offset next = 0;       ///< To be fetched.
    Offset delivered = 0;  ///< To be handed over.
    bool is_paused = true;
    std::uint64_t version = 0;  ///< Records that were fetched under another one are dropped.
    std::optional<Offset> told_end;
    std::optional<std::size_t> cuts;  ///< Of the log, as the last records have told.
    bool is_refused = false;  ///< Its log does not have the position: nothing starts it again.
    [[nodiscard]] bool flows() const { return !is_paused && !is_refused; }
  };
  struct Arrived {
    int partition = 0;
    std::uint64_t version = 0;
    std::optional<Entry> entry;  ///< None: the end was reached, or the position is refused.
    Offset end = 0;
    bool is_refused = false;
  };

  void Restart(int partition, Offset offset);
  void Ask(Rebalance rebalance);
  /// Until the application has served the rebalance; heartbeats go on.
  void AwaitServed();
  [[nodiscard]] bool JoinOnce();
  void Lose();
  [[nodiscard]] bool HasStoppedPolling();
  void Refused(Code heartbeat);
  /// One heartbeat a second; false once the member has to join again.
  [[nodiscard]] bool StaysMember();
  void FetchFrom(int partition);
  /// auto.offset.reset=error: the partition is read no more, and the lane hears of it.
  void RefusePosition(int partition, Flow& flow);

  Member member;
  std::shared_ptr<consumer::JoinWatch> join_watch;
  std::function<void()> wake_lane;
  bool is_closed = false;
  bool is_lost = false;
  bool is_fenced = false;
  bool is_assigned = false;
  std::optional<Rebalance> asked;
  bool is_serving = false;  ///< The lane is within its callback, which may wait.
  Time heard_at{};
  Time polled_at{};
  std::uint64_t last_version = 0;  ///< Of all assignments.
  std::map<int, Flow> flows;
  std::deque<Arrived> queue;
  char fetch_key = 0;   ///< Wakes the fetcher,
  char member_key = 0;  ///< and the member.
};

}  // namespace simulation
