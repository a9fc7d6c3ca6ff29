#pragma once

#include <librdkafka/rdkafka.h>

#include <functional>
#include <string>

#include "common/base/deadline.h"
#include "common/kafka/handles.h"

namespace common::kafka {

/// Sends one request of librdkafka's admin API with these options; the answer goes to the queue.
using SendAdminRequest = std::function<void(const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>;

struct AdminAnswer {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string words = {};  ///< Of the error.
  Event event = nullptr;   ///< Null if nothing came.
};

/// Sends a request and waits for its answer.
///
/// Threads: any; blocks for at most half a second past the deadline.
[[nodiscard]] AdminAnswer RequestOfAdmin(rd_kafka_t* client, rd_kafka_admin_op_t operation,
                                         Deadline deadline, const SendAdminRequest& send);

/// The options of a request that may last until the deadline.
[[nodiscard]] Owned<rd_kafka_AdminOptions_t> AdminOptionsUntil(rd_kafka_t* client,
                                                               rd_kafka_admin_op_t operation,
                                                               Deadline deadline);

/// Waits for an answer on the queue. librdkafka delivers a timeout slightly after the deadline.
[[nodiscard]] AdminAnswer AwaitAdminAnswer(rd_kafka_queue_t* queue, Deadline deadline);

}  // namespace common::kafka
