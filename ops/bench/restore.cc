// usage: bench-restore BOOTSTRAP [MARKERS [ROUNDS [PROPERTY=VALUE]…]]
//
// Measures time and memory of the restore of MARKERS markers (default 1000000, on 12 partitions),
// compared with reading the same topic with librdkafka only. Creates its own topics on that cluster
// (ops/kafka/start prints an address) and produces the markers in transactions, as consumer does.
// Properties are librdkafka's, for every client. Runs both one after the other in each round
// (default 1) and prints one JSON line per round.
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/domain/marker.h"
#include "common/domain/topics.h"
#include "common/kafka/topic_admin.h"
#include "consumer/kafka/kafka_restorer.h"
#include "consumer/kafka/transactional_producer.h"
#include "ops/bench/measuring.h"
#include "ops/bench/properties.h"

namespace {

using common::Deadline;
using consumer::Partition;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr int kPartitions = 12;
constexpr std::chrono::hours kWindow{48};
constexpr std::size_t kMarkersInTransaction = 20'000;

using bench::OrThrow;
using bench::SecondsSince;

double ResidentMebibytes() { return bench::OwnMemory("VmRSS") / 1048576; }

void MakeTopics(rd_kafka_t* client, const common::TopicNames& topics) {
  const auto plan = common::PlanTopics(
      topics, {.partitions = kPartitions, .dead_partitions = 1, .replication = 1});
  const auto made =
      OrThrow(common::kafka::CreateTopics(client, plan, Deadline::After(seconds(30))));
  for (const auto& topic : made) {
    if (!topic.error.empty()) throw std::runtime_error(topic.error);
  }
}

/// Produces markers with the identities and times of two days, the oldest first.
void Plant(const consumer::ClientSettings& settings, const common::Logger& log, std::size_t count) {
  const auto producer = OrThrow(consumer::TransactionalProducer::Create(settings, log));
  OrThrow(producer->Initialise(Deadline::After(seconds(30))));
  const common::WallTime oldest = common::WallNow() - kWindow;
  const auto step = std::chrono::duration_cast<std::chrono::microseconds>(kWindow) / count;
  for (std::size_t planted = 0; planted < count;) {
    OrThrow(producer->Begin());
    for (std::size_t i = 0; i < kMarkersInTransaction && planted < count; ++i, ++planted) {
      const auto identity = common::IdentityOfUnreadable("bench", std::to_string(planted));
      const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(
          step * static_cast<std::int64_t>(planted));
      OrThrow(producer->Produce(
          {.topic = consumer::OutgoingTopic::kSeen,
           .partition = Partition(static_cast<std::int32_t>(planted % kPartitions)),
           .timestamp = oldest + age,
           .key = std::string(identity.view()),
           .value = {},
           .headers = common::MarkerHeaders(common::MarkerOutcome::kPublished)},
          i));
    }
    OrThrow(producer->Flush(Deadline::After(seconds(60))));
    OrThrow(producer->Commit(Deadline::After(seconds(60))));
  }
}

struct Measured {
  double seconds = 0;
  double cpu_seconds = 0;
  double mebibytes = 0;  ///< The growth of memory.
  std::size_t keys = 0;
  std::size_t table_bytes = 0;
};

Measured Restore(const consumer::ClientSettings& settings, const common::Logger& log) {
  const double before = ResidentMebibytes();
  auto restorer = OrThrow(consumer::KafkaRestorer::Create(settings, kWindow, log));
  const std::vector<Partition> partitions = common::AllPartitions(kPartitions);
  const auto start = steady_clock::now();
  const double cpu = bench::CpuSeconds();
  restorer->Restore({.partitions = partitions, .epoch = 1});
  std::vector<consumer::RestoredPartition> restored;
  while (restored.size() < partitions.size()) {
    if (SecondsSince(start) > 300) throw std::runtime_error("not restored in 5 min");
    for (auto& one : restorer->TakeRestored()) restored.push_back(std::move(one));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  Measured measured{.seconds = SecondsSince(start),
                    .cpu_seconds = bench::CpuSeconds() - cpu,
                    .mebibytes = ResidentMebibytes() - before};
  for (const auto& one : restored) {
    measured.keys += one.table.size();
    measured.table_bytes += one.table.memory_bytes();
  }
  return measured;
}

/// Reads with the settings of the restorer's reader and drops the records.
Measured Read(const consumer::ClientSettings& settings, std::size_t count) {
  const common::kafka::Properties more = {{"group.id", settings.group},
                                          {"isolation.level", "read_committed"},
                                          {"enable.auto.commit", "false"},
                                          {"fetch.wait.max.ms", "20"},
                                          {"queued.max.messages.kbytes", "16384"}};
  auto conf = OrThrow(common::kafka::BuildConfOf(RD_KAFKA_CONSUMER, {&settings.properties, &more}));
  const auto client = OrThrow(common::kafka::NewConsumer(std::move(conf)));
  rd_kafka_poll_set_consumer(client.get());
  const common::kafka::PartitionList list(rd_kafka_topic_partition_list_new(kPartitions));
  for (const Partition partition : common::AllPartitions(kPartitions)) {
    rd_kafka_topic_partition_list_add(list.get(), settings.topics.seen.c_str(), partition.number())
        ->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  const auto start = steady_clock::now();
  const double cpu = bench::CpuSeconds();
  rd_kafka_assign(client.get(), list.get());
  Measured measured;
  while (measured.keys < count && SecondsSince(start) < 300) {
    const common::kafka::Message message(rd_kafka_consumer_poll(client.get(), 100));
    if (message && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++measured.keys;
  }
  measured.seconds = SecondsSince(start);
  measured.cpu_seconds = bench::CpuSeconds() - cpu;
  return measured;
}

int Main(common::kafka::Properties properties, std::size_t count, std::size_t rounds) {
  const common::Logger log("bench-restore");
  const std::string name =
      "bench-" + std::to_string(common::WallNow().time_since_epoch().count()) + ".";
  consumer::ClientSettings settings{.properties = std::move(properties),
                                    .topics = {.callbacks = name + "callbacks",
                                               .seen = name + "callbacks.seen",
                                               .processes = name + "processes",
                                               .dead = name + "callbacks.dead"},
                                    .group = name + "group",
                                    .instance = name + "instance"};
  {
    auto conf = OrThrow(common::kafka::BuildConfOf(RD_KAFKA_PRODUCER, {&settings.properties}));
    const auto client = OrThrow(common::kafka::NewProducer(std::move(conf)));
    MakeTopics(client.get(), settings.topics);
  }
  auto start = steady_clock::now();
  Plant(settings, log, count);
  const double planting = SecondsSince(start);
  bool is_right = true;
  for (std::size_t round = 0; round < rounds; ++round) {
    const Measured restored = Restore(settings, log);
    const Measured read = Read(settings, count);
    const auto markers = static_cast<double>(count);
    std::printf(
        "{\"markers\":%zu,\"plant_s\":%.1f,\"restore_s\":%.2f,\"restore_per_s\":%.0f,"
        "\"restore_cpu_us\":%.3f,\"rss_mib\":%.1f,\"table_mib\":%.1f,\"bytes_per_key\":%.2f,"
        "\"raw_read_s\":%.2f,\"raw_read_per_s\":%.0f,\"raw_read_cpu_us\":%.3f}\n",
        restored.keys, planting, restored.seconds, markers / restored.seconds,
        restored.cpu_seconds / markers * 1e6, restored.mebibytes,
        static_cast<double>(restored.table_bytes) / 1048576.0,
        static_cast<double>(restored.table_bytes) / markers, read.seconds, markers / read.seconds,
        read.cpu_seconds / markers * 1e6);
    std::fflush(stdout);
    is_right = is_right && restored.keys == count && read.keys == count;
  }
  return is_right ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: bench-restore BOOTSTRAP [MARKERS [ROUNDS [PROPERTY=VALUE]…]]\n", stderr);
    return 2;
  }
  try {
    common::kafka::Properties properties = {{"bootstrap.servers", argv[1]}};
    for (int i = 4; i < argc; ++i) {
      if (!bench::SetProperty(properties, argv[i])) {
        throw std::runtime_error(std::string(argv[i]) + " is no PROPERTY=VALUE");
      }
    }
    return Main(std::move(properties), argc > 2 ? bench::NumberOf(argv[2]) : 1'000'000,
                argc > 3 ? bench::NumberOf(argv[3]) : 1);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-restore: %s\n", error.what());
    return 1;
  }
}
