#pragma once

#include <librdkafka/rdkafka.h>

#include <utility>

#include "common/kafka/handles.h"

namespace consumer {

/// Destroys a consumer that does not leave its group: a static member keeps its place.
class LeavingClient {
 public:
  explicit LeavingClient(common::kafka::Handle client) : client_(std::move(client)) {}
  ~LeavingClient() {
    rd_kafka_destroy_flags(client_.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
  LeavingClient(const LeavingClient&) = delete;
  LeavingClient& operator=(const LeavingClient&) = delete;

 private:
  common::kafka::Handle client_;
};

}  // namespace consumer
