#pragma once

#include <atomic>
#include <cstdint>

#include "consumer/kafka/wire_watch.h"

namespace consumer {

/// Observes a transactional producer's requests on the wire, which its API does not expose:
/// librdkafka silently repeats an EndTxn after a disconnect or a timeout, and the commit "succeeds"
/// (A3). Log lines would show it too, but identical ones are suppressed for 30 s.
///
/// Threads:  counted on librdkafka's threads, read from any.
/// Lifetime: must outlive the client.
class RequestWatch final : public WireWatch {
 public:
  /// A transaction begins.
  void Reset() {
    end_requests_sent_.store(0);
    has_unanswered_.store(false);
  }
  /// EndTxn requests written to a socket.
  [[nodiscard]] int end_requests_sent() const { return end_requests_sent_.load(); }
  /// A request of the transaction (produce, offsets, partitions, end) ended without an answer.
  [[nodiscard]] bool has_unanswered() const { return has_unanswered_.load(); }

  void OnSent(std::int16_t api_key) noexcept override;
  void OnEnded(std::int16_t api_key, rd_kafka_resp_err_t error) noexcept override;

 private:
  std::atomic<int> end_requests_sent_{0};
  std::atomic<bool> has_unanswered_{false};
};

}  // namespace consumer
