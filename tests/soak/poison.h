#pragma once

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/harness/pipeline.h"

namespace soak {

/// Callbacks that Kafka will never take, in turns: too large for librdkafka, which refuses them at
/// once, and too large for their topic alone. Sent by providers that send once, which must be
/// answered 200.
///
/// Threads: sends on one of its own until it is stopped.
class PoisonSender {
 public:
  static constexpr int kMostBytes = 200'000;      ///< message.max.bytes of ingest.
  static constexpr int kMostTopicBytes = 65'536;  ///< max.message.bytes of the topic.

  explicit PoisonSender(std::string target) : target_(std::move(target)) {
    thread_ = std::jthread([this](const std::stop_token& stop) { SendUntil(stop); });
  }

  struct Sent {
    std::string process_id;
    int status = 0;
  };
  /// Ends the sending, and returns what was sent.
  [[nodiscard]] std::vector<Sent> Finish();

 private:
  void SendUntil(const std::stop_token& stop);

  std::string target_;
  std::vector<Sent> sent_;  ///< The thread's until it has ended.
  std::jthread thread_;     // Last: it uses the members above.
};

/// The keys of what ingest keeps as refused, as `sluicectl spool list` tells.
[[nodiscard]] std::set<std::string> ReadRefusedKeys(const std::string& spool);

}  // namespace soak
