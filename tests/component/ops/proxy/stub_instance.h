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

/// What a proxy takes for an instance of ingest: it reads requests and does with each what it was
/// told to. GET /readyz is answered by itself, and not counted.
///
/// Threads: one for each connection; the members are for the test's thread.
class StubInstance {
 public:
  enum class Conduct {
    kStores,   ///< 200.
    kRefuses,  ///< 503.
    kHangs,    ///< Says nothing, as one that is stopped or whose machine is gone.
    kResets,   ///< Ends the connection, as one that is killed.
  };

  explicit StubInstance(Conduct conduct);
  ~StubInstance();
  StubInstance(const StubInstance&) = delete;
  StubInstance& operator=(const StubInstance&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  void SetReady(bool is_ready) { is_ready_ = is_ready; }
  [[nodiscard]] int requests() const { return requests_; }
  [[nodiscard]] std::string last_head() const;

 private:
  void Accept();
  void Serve(int connection);
  /// False: the connection is over.
  bool Answer(int connection, std::string_view head);

  Conduct conduct_;
  std::uint16_t port_ = 0;
  common::Fd listener_;
  std::atomic<bool> is_ready_ = true;
  std::atomic<bool> is_over_ = false;
  std::atomic<int> requests_ = 0;
  mutable std::mutex mutex_;
  std::string last_head_;
  std::vector<int> open_;              ///< Connections; each is closed by the one who serves it.
  std::vector<std::jthread> serving_;  // Of the accepting thread until that has ended.
  std::jthread accepting_;
};

}  // namespace tests
