#include "tests/soak/open_transactions.h"

#include <stdexcept>
#include <utility>

#include "tests/support/kafka_calls.h"
#include "tests/support/wait_until.h"

namespace soak {
namespace {

using common::kafka::Event;
using common::kafka::Handle;

void Check(rd_kafka_error_t* raised, const std::string& call) {
  const common::kafka::ErrorHandle error(raised);
  if (error) throw std::runtime_error(call + ": " + rd_kafka_error_string(error.get()));
}

/// Returns once nothing is outstanding. Delivery reports are events, which nothing else takes.
void AwaitDelivery(const Handle& producer, const std::string& topic) {
  const common::kafka::Queue reports(rd_kafka_queue_get_main(producer.get()));
  const auto is_delivered = [&] {
    const Event event(rd_kafka_queue_poll(reports.get(), 100));
    return rd_kafka_outq_len(producer.get()) == 0;
  };
  if (!tests::WaitUntil(is_delivered, tests::KafkaClient::kLimit)) {
    throw std::runtime_error(topic + " takes no record");
  }
}

}  // namespace

void OpenTransactions::Open(const std::string& topic, std::int32_t partition) {
  Handle producer =
      tests::MakeHandle(RD_KAFKA_PRODUCER, bootstrap_,
                        {{"transactional.id", "hanging-" + topic + "-" + std::to_string(partition)},
                         {"transaction.timeout.ms", "900000"}});  // The most that a broker allows.
  Check(rd_kafka_init_transactions(producer.get(), tests::kLimitMs), "init_transactions");
  Check(rd_kafka_begin_transaction(producer.get()), "begin_transaction");
  tests::Check(
      tests::ProduceOne(producer.get(), topic, {.value = "hanging", .partition = partition}, 0),
      "produce to " + topic);
  AwaitDelivery(producer, topic);
  producers_.push_back(std::move(producer));
}

void OpenTransactions::AbortAll() {
  for (const Handle& producer : producers_) {
    Check(rd_kafka_abort_transaction(producer.get(), tests::kLimitMs), "abort_transaction");
  }
  producers_.clear();
}

}  // namespace soak
