#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/base/fd.h"

namespace tests {

/// Plays an instance of ingest for a proxy: reads requests and treats each as configured. Answers
/// GET /readyz by itself, without counting it.
///
/// Threads: one per connection. Only the test's thread may call members.
class StubInstance {
 public:
  enum class Conduct {
    kStores,   ///< 200.
    kRefuses,  ///< 503.
    kHangs,    ///< Never answers, like a stopped instance or a dead machine.
    kWaits,    ///< 200 after Proceed(), as an instance whose disk is slow.
    kResets,   ///< Closes the connection, like a killed instance.
  };

  explicit StubInstance(Conduct conduct);
  ~StubInstance();
  StubInstance(const StubInstance&) = delete;
  StubInstance& operator=(const StubInstance&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  void Proceed() {
    may_proceed_ = true;
    may_proceed_.notify_all();
  }
  void SetReady(bool is_ready) { is_ready_ = is_ready; }
  [[nodiscard]] int requests() const { return requests_; }
  [[nodiscard]] std::string last_head() const;

 private:
  void Accept();
  void Serve(int connection);
  /// False once the connection is over.
  bool Answer(int connection, std::string_view head);

  Conduct conduct_;
  std::uint16_t port_ = 0;
  common::Fd listener_;
  std::atomic<bool> is_ready_ = true;
  std::atomic<bool> is_over_ = false;
  std::atomic<bool> may_proceed_ = false;
  std::atomic<int> requests_ = 0;
  mutable std::mutex mutex_;
  std::string last_head_;
  std::vector<int> open_;  ///< Connections; each is closed by the thread that serves it.
  std::vector<std::jthread> serving_;  // Owned by the accepting thread until it has ended.
  std::jthread accepting_;
};

}  // namespace tests
