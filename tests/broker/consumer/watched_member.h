#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>

#include "common/kafka/handles.h"
#include "consumer/kafka/wire_watch.h"

namespace consumer {

/// Names and times of a member. Times in milliseconds.
struct WatchedMemberSettings {
  std::string bootstrap;
  std::string group;
  std::string topic;
  std::optional<std::string> static_name = std::nullopt;
  std::string session_ms = "30000";
  std::string heartbeat_ms = "300";
};

/// A member of a group that shows when its joins go out, and that can be stopped between the answer
/// to a join and its next request. Obeys rebalances, reads nothing.
///
/// Threads:  confined to one; the counters are written by librdkafka's.
/// Lifetime: the destructor ends it like a kill: it closes the connections and does not leave the
///           group. A stopped member then still sends its next request if the broker lives.
class WatchedMember final : private WireWatch {
 public:
  explicit WatchedMember(const WatchedMemberSettings& settings);
  ~WatchedMember();
  WatchedMember(const WatchedMember&) = delete;
  WatchedMember& operator=(const WatchedMember&) = delete;

  void Poll() const;
  /// Partitions, as of the last Poll().
  [[nodiscard]] std::size_t CountAssigned() const;

  /// JoinGroup requests that were written to a socket.
  [[nodiscard]] int joins_sent() const { return joins_sent_.load(); }
  /// Lets the next answer to a join wait until the destructor.
  void StopAtNextJoin() { must_stop_.store(true); }

 private:
  void OnSent(std::int16_t api_key) noexcept override;
  void OnEnded(std::int16_t api_key, rd_kafka_resp_err_t error) noexcept override;

  std::atomic<int> joins_sent_{0};
  std::atomic<bool> must_stop_{false};
  // Last: its threads use the members above.
  common::kafka::Handle client_;
};

}  // namespace consumer
