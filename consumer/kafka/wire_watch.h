#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>

namespace consumer {

/// Observes a client's requests on the wire, which librdkafka's API does not expose, through its
/// interceptors.
///
/// Threads:  called on librdkafka's threads.
/// Lifetime: must outlive the clients it is attached to, one after another.
class WireWatch {
 public:
  void Attach(rd_kafka_conf_t* conf);

 protected:
  WireWatch() = default;
  ~WireWatch() = default;

 private:
  /// A request of that API key (Kafka protocol) was written to a socket.
  virtual void OnSent(std::int16_t api_key) noexcept = 0;
  /// The request was answered, or ended without an answer; also called for one that was never sent.
  virtual void OnEnded(std::int16_t api_key, rd_kafka_resp_err_t error) noexcept = 0;

  static rd_kafka_resp_err_t HearNew(rd_kafka_t* client, const rd_kafka_conf_t* conf, void* opaque,
                                     char* error, std::size_t error_size) noexcept;
  static rd_kafka_resp_err_t HearSent(rd_kafka_t* client, int socket, const char* broker,
                                      std::int32_t broker_id, std::int16_t api_key,
                                      std::int16_t api_version, std::int32_t correlation_id,
                                      std::size_t size, void* opaque) noexcept;
  static rd_kafka_resp_err_t HearEnded(rd_kafka_t* client, int socket, const char* broker,
                                       std::int32_t broker_id, std::int16_t api_key,
                                       std::int16_t api_version, std::int32_t correlation_id,
                                       std::size_t size, std::int64_t rtt,
                                       rd_kafka_resp_err_t error, void* opaque) noexcept;
};

}  // namespace consumer
