// usage: transaction_writer BOOTSTRAP TOPIC TRANSACTIONAL-ID VALUE open|commit
//
// Produces one record in a transaction. With "open" it then prints "produced" and waits to be
// killed; with "commit" it commits and exits.
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
  std::exit(1);  // NOLINT(concurrency-mt-unsafe): no thread of ours
}

// Takes and destroys the delivery report: a commit waits until no report is outstanding.
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
