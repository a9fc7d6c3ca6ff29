#pragma once

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/harness/pipeline.h"

namespace soak {

/// Sends callbacks that Kafka never accepts, alternately too large for librdkafka, which refuses
/// them immediately, and too large only for their topic. One-shot providers send them, so the
/// answers must be 200.
///
/// Threads: sends on its own thread until stopped.
class PoisonSender {
 public:
  static constexpr int kMostBytes = 200'000;      ///< ingest's message.max.bytes.
  static constexpr int kMostTopicBytes = 65'536;  ///< The topic's max.message.bytes.

  explicit PoisonSender(std::string target) : target_(std::move(target)) {
    thread_ = std::jthread([this](const std::stop_token& stop) { SendUntil(stop); });
  }

  struct Sent {
    std::string process_id;
    int status = 0;
  };
  /// Stops, and returns the sent callbacks.
  [[nodiscard]] std::vector<Sent> Finish();

 private:
  void SendUntil(const std::stop_token& stop);

  std::string target_;
  std::vector<Sent> sent_;  ///< The thread's until it has ended.
  std::jthread thread_;     // Last: its thread uses the members above.
};

/// The keys of refused callbacks that ingest keeps, by `sluicectl spool list`.
[[nodiscard]] std::set<std::string> ReadRefusedKeys(const std::string& spool);

}  // namespace soak
