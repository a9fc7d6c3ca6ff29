#include "ops/ctl/kafka/delivery_reports.h"

#include <optional>
#include <utility>

#include "common/base/deadline.h"

namespace ctl {
namespace {

using common::Deadline;
using std::chrono::milliseconds;

constexpr std::chrono::seconds kLongestReportOnceStopped{2};

}  // namespace

common::kafka::Properties ProducerPromises() {
  return {{"acks", "all"},
          {"enable.idempotence", "true"},
          {"partitioner", "murmur2_random"},
          {"message.timeout.ms", "30000"}};
}

DeliveryReports::DeliveryReports(rd_kafka_t* client, Handler handle)
    : queue_(rd_kafka_queue_get_main(client)), handle_(std::move(handle)) {}

void DeliveryReports::Poll(milliseconds wait) {
  int wait_ms = static_cast<int>(wait.count());
  while (true) {
    const common::kafka::Event event(rd_kafka_queue_poll(queue_.get(), wait_ms));
    if (!event) return;
    wait_ms = 0;
    while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event.get())) {
      handle_(*message);
    }
  }
}

void DeliveryReports::Await(const std::function<bool()>& are_awaited, const std::stop_token& stop) {
  const Deadline deadline = Deadline::After(kLongestReport);
  std::optional<Deadline> once_stopped;
  while (are_awaited() && !deadline.HasPassed()) {
    if (stop.stop_requested() && !once_stopped) {
      once_stopped = Deadline::After(kLongestReportOnceStopped);
    }
    if (once_stopped && once_stopped->HasPassed()) break;
    Poll(kReportPoll);
  }
}

}  // namespace ctl
