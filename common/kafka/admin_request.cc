#include "common/kafka/admin_request.h"

#include <array>

#include "common/kafka/call_limit.h"

namespace common::kafka {

Owned<rd_kafka_AdminOptions_t> AdminOptionsUntil(rd_kafka_t* client, rd_kafka_admin_op_t operation,
                                                 Deadline deadline) {
  Owned<rd_kafka_AdminOptions_t> options(rd_kafka_AdminOptions_new(client, operation));
  std::array<char, 512> error{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), CallLimit(deadline), error.data(),
                                            error.size());
  if (operation == RD_KAFKA_ADMIN_OP_CREATETOPICS) {
    rd_kafka_AdminOptions_set_operation_timeout(options.get(), CallLimit(deadline), error.data(),
                                                error.size());
  }
  return options;
}

AdminAnswer AwaitAdminAnswer(rd_kafka_queue_t* queue, Deadline deadline) {
  Event event(rd_kafka_queue_poll(queue, CallLimit(deadline) + 500));
  if (!event) return {RD_KAFKA_RESP_ERR__TIMED_OUT, "no answer"};
  const auto error = rd_kafka_event_error(event.get());
  const char* const words = rd_kafka_event_error_string(event.get());
  return {error, error != 0 && words != nullptr ? words : "", std::move(event)};
}

AdminAnswer RequestOfAdmin(rd_kafka_t* client, rd_kafka_admin_op_t operation, Deadline deadline,
                           const SendAdminRequest& send) {
  const auto options = AdminOptionsUntil(client, operation, deadline);
  const Queue queue(rd_kafka_queue_new(client));
  send(options.get(), queue.get());
  return AwaitAdminAnswer(queue.get(), deadline);
}

}  // namespace common::kafka
