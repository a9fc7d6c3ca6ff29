// Leaves a transaction open: half_transaction BOOTSTRAP CALLBACKS PROCESSES SEEN GROUP INSTANCE
#include <unistd.h>

#include <cstdio>

#include "consumer/kafka/transactional_producer.h"

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  const common::Logger log("half_transaction");
  consumer::ClientSettings settings;
  settings.properties = {{"bootstrap.servers", argv[1]}, {"transaction.timeout.ms", "60000"}};
  settings.topics.callbacks = argv[2];
  settings.topics.processes = argv[3];
  settings.topics.seen = argv[4];
  settings.group = argv[5];
  settings.instance = argv[6];
  const auto deadline = common::Deadline::After(std::chrono::seconds(20));
  const auto producer = consumer::TransactionalProducer::Create(settings, log);
  if (!producer || !(*producer)->Initialise(deadline) || !(*producer)->Begin()) return 1;
  consumer::OutgoingRecord result;
  result.partition = common::Partition(0);
  result.key = "p";
  consumer::OutgoingRecord marker = result;
  marker.topic = consumer::OutgoingTopic::kSeen;
  marker.key = "0123456789abcdef";
  if (!(*producer)->Produce(result, 0) || !(*producer)->Produce(marker, 1)) return 1;
  if (!(*producer)->Flush(deadline)) return 1;
  std::puts("produced");
  std::fflush(stdout);
  ::alarm(60);
  ::pause();
}
