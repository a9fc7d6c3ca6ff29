// usage: transaction_writer BOOTSTRAP TOPIC TRANSACTIONAL-ID VALUE open|commit
//
// Writes one record in a transaction. "open" then says so and stays, to be killed; "commit"
// commits and ends.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/support/kafka_calls.h"

namespace {

constexpr int kGivenUpAfterSeconds = 60;

void Must(rd_kafka_error_t* error, const char* what) {
  const common::kafka::ErrorHandle owned(error);
  if (!owned) return;
  std::fprintf(stderr, "%s: %s\n", what, rd_kafka_error_string(error));
  std::exit(1);  // NOLINT(concurrency-mt-unsafe): the only thread of ours
}

// The report counts as outstanding until it is destroyed, and a commit waits for that.
void WaitForReport(rd_kafka_t* producer) {
  const common::kafka::Queue reports(rd_kafka_queue_get_main(producer));
  const common::kafka::Event report(rd_kafka_queue_poll(reports.get(), tests::kLimitMs));
  const auto* record = report ? rd_kafka_event_message_next(report.get()) : nullptr;
  tests::Check(record == nullptr ? RD_KAFKA_RESP_ERR__TIMED_OUT : record->err, "produce");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  const auto producer = tests::MakeHandle(RD_KAFKA_PRODUCER, argv[1],
                                          {{"transactional.id", argv[3]}, {"linger.ms", "0"}});
  Must(rd_kafka_init_transactions(producer.get(), tests::kLimitMs), "init_transactions");
  Must(rd_kafka_begin_transaction(producer.get()), "begin");
  tests::Check(tests::ProduceOne(producer.get(), argv[2], {.key = "k", .value = argv[4]}, 0),
               "produce");
  WaitForReport(producer.get());
  if (std::string_view(argv[5]) == "commit") {
    Must(rd_kafka_commit_transaction(producer.get(), tests::kLimitMs), "commit");
    return 0;
  }
  std::puts("produced");
  std::fflush(stdout);
  ::sleep(kGivenUpAfterSeconds);
  return 1;
}
