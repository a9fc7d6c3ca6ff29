#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/kafka_client.h"

namespace ingest {

/// Sends callbacks on several connections, one after the other on each, until stopped or until a
/// connection is refused. Each callback has a unique process id. Providers are assigned to the
/// connections in turn.
class Load {
 public:
  Load(std::uint16_t port, int connections, const std::vector<std::string>& providers = {"onfido"});
  ~Load();

  /// Stops, and waits for outstanding answers.
  void Stop();

  [[nodiscard]] std::size_t stored_count() const { return stored_count_; }

  // After Stop().
  [[nodiscard]] const std::set<std::string>& stored() const { return stored_; }  ///< Answered 200.
  [[nodiscard]] std::set<int> statuses() const;
  [[nodiscard]] std::set<int> statuses_of(const std::string& provider) const;
  /// The longest wait for an answer, minus the longest stall of the machine.
  [[nodiscard]] std::chrono::milliseconds longest_wait() const {
    return longest_wait_ - longest_stall_.load();
  }
  /// Requests sent on a connection that closed without an answer.
  [[nodiscard]] const std::vector<std::string>& unanswered() const { return unanswered_; }

 private:
  struct Sent {
    std::string provider;
    std::string id;
    bool is_sent = false;
    int status = 0;  ///< 0 without an answer.
    std::chrono::milliseconds waited{};
  };

  void Send(std::uint16_t port, const std::string& provider, const std::string& name,
            const std::stop_token& stop);
  void Note(const Sent& sent);
  void WatchForStalls(const std::stop_token& stop);

  std::atomic<std::size_t> stored_count_ = 0;
  std::mutex mutex_;
  std::set<std::string> stored_;
  std::map<std::string, std::set<int>> statuses_;  ///< By provider.
  std::chrono::milliseconds longest_wait_{};
  std::atomic<std::chrono::milliseconds> longest_stall_{};  ///< Stalls above half a second.
  std::vector<std::string> unanswered_;
  std::vector<std::jthread> threads_;
};

/// The process ids of `seen` that are no record's key on the topic.
[[nodiscard]] std::vector<std::string> MissingOf(const std::set<std::string>& seen,
                                                 tests::KafkaClient& kafka,
                                                 const std::string& topic);

}  // namespace ingest
