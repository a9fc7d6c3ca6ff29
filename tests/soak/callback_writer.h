#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/kafka_client.h"

namespace soak {

/// The name and key of a synthetic callback: "process-0000042".
[[nodiscard]] std::string ProcessIdOf(int callback);

/// The order of deliveries of `callbacks` callbacks: each once, in order, and up to three more
/// times: soon, later, and at any later time.
[[nodiscard]] std::vector<int> PlanDeliveries(int callbacks, int redeliveries, std::uint64_t seed);

/// True for about `percent` of the callbacks, which depend on the seed.
[[nodiscard]] bool IsLost(int callback, int percent, std::uint64_t seed);

/// The record that ingest would write for the callback. The simulated API has the same status.
[[nodiscard]] tests::Record CallbackRecord(int callback);
/// The announcement of the callback's process.
[[nodiscard]] tests::Record AnnouncementRecord(int callback);

/// Writes deliveries, or announcements, straight to their topic. Repeats writes that a broker
/// refuses.
///
/// Threads: writes on its own thread.
class CallbackWriter {
 public:
  struct Plan {
    std::string topic;
    std::vector<int> deliveries;  ///< Callbacks, in order.
    int rate = 0;                 ///< Per second, until Hurry().
    tests::Record (*record_of)(int callback) = CallbackRecord;
  };

  CallbackWriter(std::string bootstrap, Plan plan);

  /// From now on, writes as fast as possible.
  void Hurry() { is_in_hurry_ = true; }
  [[nodiscard]] bool IsDone() const { return is_done_; }
  /// Waits until all deliveries are acknowledged. Throws if they are not.
  void Finish();
  /// Stops without waiting; unwritten deliveries are dropped.
  void Abandon();

 private:
  class Producer;
  void Write(const std::stop_token& stop);

  std::string bootstrap_;
  Plan plan_;
  std::atomic<bool> is_in_hurry_ = false;
  std::atomic<bool> is_done_ = false;
  std::jthread thread_;  // Last: its thread uses the members above.
};

}  // namespace soak
