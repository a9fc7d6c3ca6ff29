// usage: bench-records COMMAND BOOTSTRAP PREFIX ARGUMENT…
//
//   topics PARTITIONS
//       creates the topics of a pipeline, whose names begin with PREFIX
//
//   produce COUNT KEYS SIZE
//       produces COUNT callbacks of SIZE bytes with KEYS different facts
//
//   markers KEYS PARTITIONS
//       produces the markers of those facts, as if they were handled just now
//
//   announce COUNT WITHIN_MS
//       announces so many processes, whose callbacks are due after that time
//
//   consume TOPIC COUNT [PROPERTY=VALUE]…
//       reads with librdkafka only and consumer's settings
//
//   read TOPIC COUNT [PROPERTY=VALUE]…
//       the same, and parses from each record the facts for dedup
//
//   results COUNT
//       checks that `processes` has COUNT results, each id once, and that there is no dead letter
//
//   latency RATE SECONDS
//       produces new facts at that rate and awaits their results
//
// produce, markers, announce, consume and read print seconds and CPU-seconds of this process;
// consume and read count from the first record. latency prints median and 99th percentile in ms,
// from callback to readable result, without the callbacks of the first second.
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/callback/callback_facts.h"
#include "common/domain/callback_record.h"
#include "common/domain/identity.h"
#include "common/domain/marker.h"
#include "common/domain/topics.h"
#include "common/json/expected_process.h"
#include "common/kafka/client_config.h"
#include "common/kafka/handles.h"
#include "common/kafka/record_codec.h"
#include "common/kafka/topic_admin.h"
#include "ops/bench/measuring.h"
#include "ops/bench/properties.h"
#include "ops/bench/record_clients.h"
#include "ops/simulator/synthetic_callback.h"
#include "ops/simulator/synthetic_ids.h"

namespace {

using bench::NumberOf;
using bench::OrThrow;
using Producer = bench::RecordProducer;
using Reader = bench::RecordReader;
using common::Deadline;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
namespace kafka = common::kafka;

constexpr seconds kPatience{300};

struct Cluster {
  std::string bootstrap;
  common::TopicNames topics;
};

simulator::SyntheticCallback FactOf(std::uint64_t n) {
  static const auto mix = simulator::ProviderMix::Parse("onfido:4,eid:3,readid:3,paper,connect");
  return simulator::MakeCallback(*mix, 1, n);
}

std::string_view ProviderOf(const simulator::SyntheticCallback& fact) {
  return simulator::kProviders.at(fact.provider).route;
}

common::RecordHeaders HeadersNow(const simulator::SyntheticCallback& fact) {
  return common::HeadersOf(common::Envelope{.key = {},
                                            .body = {},
                                            .provider = std::string(ProviderOf(fact)),
                                            .received_at = common::WallNow(),
                                            .request_id = "0123456789abcdef0123456789abcdef",
                                            .content_type = "application/json",
                                            .traceparent = std::nullopt,
                                            .spooled = false});
}

/// Adds a field that fills the body up to `size`.
std::string BodyOf(const simulator::SyntheticCallback& fact, std::size_t size) {
  constexpr std::string_view kField = R"(,"filler":"")";
  std::string body = simulator::BodyOf(fact);
  if (body.size() + kField.size() > size) return body;
  body.pop_back();
  body.append(R"(,"filler":")").append(size - body.size() - 2, 'x').append("\"}");
  return body;
}

class Stopwatch {
 public:
  void Print() const {
    std::printf("%.6f %.6f\n", bench::SecondsSince(start_), bench::CpuSeconds() - cpu_);
  }

 private:
  steady_clock::time_point start_ = steady_clock::now();
  double cpu_ = bench::CpuSeconds();
};

int MakeTopics(const Cluster& cluster, std::uint64_t partitions) {
  Producer producer(cluster.bootstrap);
  const auto plan = common::PlanTopics(
      cluster.topics,
      {.partitions = static_cast<int>(partitions), .dead_partitions = 1, .replication = 1});
  for (const auto& made :
       OrThrow(kafka::CreateTopics(producer.client(), plan, Deadline::After(seconds(60))))) {
    if (!made.error.empty()) throw std::runtime_error(made.error);
  }
  return 0;
}

int ProduceCallbacks(const Cluster& cluster, std::uint64_t count, std::uint64_t keys,
                     std::size_t size) {
  Producer producer(cluster.bootstrap);
  const Stopwatch watch;
  for (std::uint64_t n = 0; n < count; ++n) {
    const auto fact = FactOf(n % keys);
    producer.Produce(cluster.topics.callbacks, fact.process_id, BodyOf(fact, size),
                     HeadersNow(fact));
  }
  producer.Flush();
  watch.Print();
  return 0;
}

int ProduceMarkers(const Cluster& cluster, std::uint64_t keys, int partitions) {
  Producer producer(cluster.bootstrap);
  const Stopwatch watch;
  const auto headers = common::MarkerHeaders(common::MarkerOutcome::kPublished);
  for (std::uint64_t n = 0; n < keys; ++n) {
    const auto fact = FactOf(n);
    const auto identity = common::IdentityOf(ProviderOf(fact), common::DossierId(fact.dossier_id),
                                             common::ProcessId(fact.process_id), fact.status);
    const common::Partition partition(rd_kafka_msg_partitioner_murmur2(
        nullptr, fact.process_id.data(), fact.process_id.size(), partitions, nullptr, nullptr));
    producer.Produce(cluster.topics.seen, identity.view(), "", headers, partition);
  }
  producer.Flush();
  watch.Print();
  return 0;
}

int Announce(const Cluster& cluster, std::uint64_t count, milliseconds within) {
  Producer producer(cluster.bootstrap);
  const Stopwatch watch;
  for (std::uint64_t n = 0; n < count; ++n) {
    common::ExpectedProcess announcement = simulator::AnnouncementOf(FactOf(n));
    announcement.within = within;
    producer.Produce(cluster.topics.expected, announcement.process.str(),
                     common::json::WriteExpectedProcess(announcement), {});
  }
  producer.Flush();
  watch.Print();
  return 0;
}

/// The parsing that every consumer needs, whatever it does then.
class FactReader {
 public:
  void Read(const rd_kafka_message_t& message) {
    kafka::ViewHeaders(message, headers_);
    const auto facts = common::ReadArrived(kafka::ValueOf(message), headers_, providers_);
    if (!facts.is_readable) throw std::runtime_error("a callback is not readable");
  }

 private:
  const common::ProviderTable providers_;
  common::HeaderViews headers_;
};

int Consume(const Cluster& cluster, const std::string& topic, std::uint64_t count,
            const kafka::Properties& more, bool reads) {
  Reader reader(cluster.bootstrap, topic, RD_KAFKA_OFFSET_BEGINNING, more);
  FactReader facts;
  std::uint64_t taken = 0;
  const Deadline deadline = Deadline::After(kPatience);
  const auto take = [&] {
    if (deadline.HasPassed()) throw std::runtime_error("not all records have come");
    const kafka::Message message = reader.Next(milliseconds(100));
    if (!message) return;
    ++taken;
    if (reads) facts.Read(*message);
  };
  while (taken == 0) take();
  const Stopwatch watch;
  while (taken < count) take();
  watch.Print();
  return 0;
}

std::string ProcessOf(const rd_kafka_message_t& message) {
  return std::string(kafka::KeyOf(message));
}

int CheckResults(const Cluster& cluster, std::uint64_t count) {
  Reader reader(cluster.bootstrap, cluster.topics.processes, RD_KAFKA_OFFSET_BEGINNING);
  std::unordered_set<std::string> expected;
  for (std::uint64_t n = 0; n < count; ++n) expected.insert(FactOf(n).process_id);
  std::uint64_t surplus = 0;
  // Surplus results would arrive as fast as the expected ones.
  for (int quiet = 0; quiet < 5;) {
    const kafka::Message message = reader.Next(milliseconds(200));
    quiet = message ? 0 : quiet + (expected.empty() ? 5 : 1);
    if (message && expected.erase(ProcessOf(*message)) == 0) ++surplus;
  }
  Reader dead(cluster.bootstrap, cluster.topics.dead, RD_KAFKA_OFFSET_BEGINNING);
  if (dead.Next(milliseconds(500))) ++surplus;
  if (expected.empty() && surplus == 0) return 0;
  std::fprintf(stderr, "bench-records: %zu results are missing, %llu too many\n", expected.size(),
               static_cast<unsigned long long>(surplus));
  return 1;
}

int MeasureLatency(const Cluster& cluster, std::uint64_t rate, std::uint64_t duration) {
  Producer producer(cluster.bootstrap);
  Reader reader(cluster.bootstrap, cluster.topics.processes, RD_KAFKA_OFFSET_BEGINNING,
                {{"fetch.wait.max.ms", "500"}, {"fetch.min.bytes", "1"}});
  const std::uint64_t count = rate * duration;
  std::unordered_map<std::string, steady_clock::time_point> sent;
  std::unordered_set<std::string> done;
  std::vector<double> waited;
  std::uint64_t produced = 0;
  const std::uint64_t first =
      static_cast<std::uint64_t>(common::WallNow().time_since_epoch().count()) << 20;
  const auto start = steady_clock::now();
  while ((produced < count || !sent.empty()) && bench::SecondsSince(start) < 60) {
    const auto due = start + std::chrono::microseconds(1'000'000 / rate) * produced;
    const auto now = steady_clock::now();
    if (produced < count && now >= due) {
      const auto fact = FactOf(first + produced++);
      sent.emplace(fact.process_id, now);
      producer.Produce(cluster.topics.callbacks, fact.process_id, BodyOf(fact, 0),
                       HeadersNow(fact));
      continue;
    }
    const auto pause =
        produced < count ? std::chrono::floor<milliseconds>(due - now) : milliseconds(50);
    const kafka::Message message = reader.Next(pause);
    if (!message) continue;
    const auto found = sent.find(ProcessOf(*message));
    if (found == sent.end()) {
      if (done.contains(ProcessOf(*message))) throw std::runtime_error("a second result");
      continue;  // From an earlier run.
    }
    if (found->second - start > seconds(1)) {
      waited.push_back(bench::SecondsSince(found->second) * 1e3);
    }
    done.insert(found->first);
    sent.erase(found);
  }
  producer.Flush();
  if (!sent.empty() || waited.empty()) throw std::runtime_error("results are missing");
  std::sort(waited.begin(), waited.end());
  std::printf("%.2f %.2f\n", waited[waited.size() / 2], waited[waited.size() * 99 / 100]);
  return 0;
}

kafka::Properties PropertiesOf(char** begin, char** end) {
  kafka::Properties properties;
  for (; begin != end; ++begin) {
    if (!bench::SetProperty(properties, *begin)) throw std::runtime_error("no PROPERTY=VALUE");
  }
  return properties;
}

int Main(int argc, char** argv) {
  const std::string_view command = argc > 4 ? argv[1] : "";
  if (command.empty()) return 2;
  const std::string prefix = argv[3];
  const Cluster cluster{.bootstrap = argv[2],
                        .topics = {.callbacks = prefix + "callbacks",
                                   .seen = prefix + "callbacks.seen",
                                   .processes = prefix + "processes",
                                   .dead = prefix + "callbacks.dead",
                                   .expected = prefix + "callbacks.expected"}};
  if (command == "topics") return MakeTopics(cluster, NumberOf(argv[4]));
  if (command == "results") return CheckResults(cluster, NumberOf(argv[4]));
  if (argc > 5 && command == "markers") {
    return ProduceMarkers(cluster, NumberOf(argv[4]), static_cast<int>(NumberOf(argv[5])));
  }
  if (argc > 5 && command == "announce") {
    return Announce(cluster, NumberOf(argv[4]), milliseconds(NumberOf(argv[5])));
  }
  if (argc > 5 && (command == "consume" || command == "read")) {
    return Consume(cluster, prefix + argv[4], NumberOf(argv[5]),
                   PropertiesOf(argv + 6, argv + argc), command == "read");
  }
  if (argc > 5 && command == "latency") {
    return MeasureLatency(cluster, NumberOf(argv[4]), NumberOf(argv[5]));
  }
  if (argc > 6 && command == "produce") {
    return ProduceCallbacks(cluster, NumberOf(argv[4]), NumberOf(argv[5]), NumberOf(argv[6]));
  }
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int status = Main(argc, argv);
    if (status == 2)
      std::fputs("usage: bench-records COMMAND BOOTSTRAP PREFIX ARGUMENT…\n", stderr);
    return status;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-records: %s\n", error.what());
    return 1;
  }
}
