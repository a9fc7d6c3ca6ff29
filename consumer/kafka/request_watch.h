#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstdint>

namespace consumer {

/// Sees what a transactional producer's requests met on the wire, which its API does not tell:
/// librdkafka repeats an EndTxn silently after a disconnect or a timeout, and the commit "succeeds"
/// (A3). Log lines would tell it too, but identical ones are suppressed for 30 s.
///
/// Threads:  counted on librdkafka's threads, read from any.
/// Lifetime: must outlive the client.
class RequestWatch {
 public:
  void Attach(rd_kafka_conf_t* conf);

  /// A transaction begins.
  void Reset() {
    end_requests_sent_.store(0);
    has_unanswered_.store(false);
  }
  /// EndTxn requests that were written to a socket.
  [[nodiscard]] int end_requests_sent() const { return end_requests_sent_.load(); }
  /// A request of the transaction (produce, offsets, partitions, end) ended without an answer.
  [[nodiscard]] bool has_unanswered() const { return has_unanswered_.load(); }

 private:
  static rd_kafka_resp_err_t OnNew(rd_kafka_t* client, const rd_kafka_conf_t* conf, void* opaque,
                                   char* error, std::size_t error_size) noexcept;
  static rd_kafka_resp_err_t OnSent(rd_kafka_t* client, int socket, const char* broker,
                                    std::int32_t broker_id, std::int16_t api_key,
                                    std::int16_t api_version, std::int32_t correlation_id,
                                    std::size_t size, void* opaque) noexcept;
  static rd_kafka_resp_err_t OnAnswered(rd_kafka_t* client, int socket, const char* broker,
                                        std::int32_t broker_id, std::int16_t api_key,
                                        std::int16_t api_version, std::int32_t correlation_id,
                                        std::size_t size, std::int64_t rtt, rd_kafka_resp_err_t err,
                                        void* opaque) noexcept;

  std::atomic<int> end_requests_sent_{0};
  std::atomic<bool> has_unanswered_{false};
};

}  // namespace consumer
