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

/// In which order `callbacks` callbacks are delivered: each once, in their order, and up to three
/// times more: soon, later, and any time later.
[[nodiscard]] std::vector<int> PlanDeliveries(int callbacks, int redeliveries, std::uint64_t seed);

/// Writes deliveries straight to the topic `callbacks`, as ingest would; what a broker does not take
/// is written again.
///
/// Threads: writes on one of its own.
class CallbackWriter {
 public:
  /// `rate` in a second, until Hurry().
  CallbackWriter(std::string bootstrap, std::string topic, std::vector<int> deliveries, int rate);

  /// From now on as fast as it goes.
  void Hurry() { is_in_hurry_ = true; }
  [[nodiscard]] bool IsDone() const { return is_done_; }
  /// Waits until all of it is acknowledged. Throws if that does not come.
  void Finish();
  /// Ends without waiting; what is not written is left out.
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
  std::jthread thread_;  // Last: it uses the members above.
};

}  // namespace soak
