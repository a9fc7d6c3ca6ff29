#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace soak {

/// The name and key of a synthetic callback: "process-0000042".
[[nodiscard]] std::string ProcessIdOf(int callback);

/// The order of deliveries of `callbacks` callbacks: each once, in order, and up to three more
/// times: soon, later, and at any later time.
[[nodiscard]] std::vector<int> PlanDeliveries(int callbacks, int redeliveries, std::uint64_t seed);

/// Writes deliveries straight to the topic `callbacks`, like ingest. Repeats writes that a broker
/// refuses.
///
/// Threads: writes on its own thread.
class CallbackWriter {
 public:
  /// `rate` is per second, until Hurry().
  CallbackWriter(std::string bootstrap, std::string topic, std::vector<int> deliveries, int rate);

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
  std::string topic_;
  std::vector<int> deliveries_;
  int rate_;
  std::atomic<bool> is_in_hurry_ = false;
  std::atomic<bool> is_done_ = false;
  std::jthread thread_;  // Last: its thread uses the members above.
};

}  // namespace soak
