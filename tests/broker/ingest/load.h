#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace ingest {

/// Callbacks from several connections, one after the other on each, every one with a process id of
/// its own, until told to stop or until the connection is refused.
class Load {
 public:
  Load(std::uint16_t port, int connections);
  ~Load();

  /// Ends it and waits for the answers that are on the way.
  void Stop();

  [[nodiscard]] std::size_t stored_count() const { return stored_count_; }

  // After Stop().
  [[nodiscard]] const std::set<std::string>& stored() const { return stored_; }  ///< Answered 200.
  [[nodiscard]] const std::set<int>& statuses() const { return statuses_; }
  /// Requests that were sent on a connection which then ended without an answer.
  [[nodiscard]] const std::vector<std::string>& unanswered() const { return unanswered_; }

 private:
  void Send(std::uint16_t port, const std::string& name, const std::stop_token& stop);
  void Note(const std::string& id, bool is_sent, int status);  ///< Status 0: no answer.

  std::atomic<std::size_t> stored_count_ = 0;
  std::mutex mutex_;
  std::set<std::string> stored_;
  std::set<int> statuses_;
  std::vector<std::string> unanswered_;
  std::vector<std::jthread> threads_;
};

}  // namespace ingest
