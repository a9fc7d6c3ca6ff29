// A spool as it is after a long outage of Kafka: ingest starts with it, answers, and replays it.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <string>

#include "tests/bench/measured_ingest.h"
#include "tests/bench/sections.h"
#include "tests/harness/metrics_page.h"
#include "tests/harness/process.h"
#include "tests/support/http_client.h"
#include "tests/support/kafka_client.h"
#include "tests/support/wait_until.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

constexpr int kPartitions = 12;
/// A longer replay is measured by its beginning.
constexpr seconds kLongestReplay{180};

std::size_t RowsOf(const Options& options) {
  if (options.rows > 0) return options.rows;
  if (options.smoke) return 20'000;
  return options.quick ? 100'000 : 1'000'000;
}

double SecondsSince(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

double MiBOf(pid_t process, const std::string& field) {
  const std::string status = tests::ReadFile("/proc/" + std::to_string(process) + "/status");
  return std::stod(status.substr(status.find(field) + field.size())) / 1024;
}

std::int64_t RecordsOn(const Target& target) {
  tests::KafkaClient kafka(target.bootstrap);
  std::int64_t records = 0;
  for (int partition = 0; partition < kPartitions; ++partition) {
    records += kafka.HighWatermark(target.topic, partition);
  }
  return records;
}

/// An instance that starts with a filled spool.
class ReplayingIngest {
 public:
  ReplayingIngest(const Bench& bench, const std::string& file, const Target& target)
      : begun_(Clock::now()),
        process_(bench.Start("replay", "ingest", {"--config", ConfigFile(file, target)})) {}

  /// From the start of the process to the first answer on the callback port.
  double FirstAnswer() {
    const std::string port = std::to_string(Bench::AwaitNumber(*process_, "port"));
    const auto answers = [&] {
      return tests::Post("http://127.0.0.1:" + port + "/callbacks/eid", "{}").status > 0;
    };
    if (!tests::WaitUntil(answers, seconds(60), std::chrono::milliseconds(1))) {
      throw std::runtime_error("ingest does not answer: " + process_->Describe());
    }
    return SecondsSince(begun_);
  }

  struct Replayed {
    std::int64_t records = 0;  ///< On the topic.
    double seconds = 0;        ///< Since Kafka's first answer.
    bool is_all = false;
  };
  Replayed Replay(const Target& target) {
    if (!process_->WaitForOutput("kafka.available", seconds(60))) {
      throw std::runtime_error("Kafka is not available: " + process_->Describe());
    }
    const auto begun = Clock::now();
    const bool is_all = process_->WaitForOutput("spool.replay_finished", kLongestReplay);
    const double taken = SecondsSince(begun);
    return {.records = RecordsOn(target), .seconds = taken, .is_all = is_all};
  }

  [[nodiscard]] double MostMemory() const { return MiBOf(process_->pid(), "VmHWM:"); }
  void End() { (void)process_->Terminate(seconds(20)); }

 private:
  static std::string ConfigFile(const std::string& file, const Target& target) {
    // The limit is the shipped one, however much the file holds.
    std::ofstream(file + ".yaml") << "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\ndrain_delay: 0ms\n"
                                  << "kafka: { bootstrap.servers: \"" << target.bootstrap
                                  << "\" }\n"
                                  << "topics: { callbacks: " << target.topic << " }\n"
                                  << "spool: { path: " << file << ".db, min_free_disk: 64MiB }\n"
                                  << "providers: { eid: { authorization: [\""
                                  << MeasuredIngest::kAuthorization << "\"] } }\n";
    return file + ".yaml";
  }

  const Clock::time_point begun_;
  const std::unique_ptr<tests::Process> process_;
};

}  // namespace

void MeasureReplay(Bench& bench) {
  const std::size_t rows = RowsOf(bench.options());
  // Once is enough for a long one.
  const int rounds = rows > 1'000'000 ? 1 : std::min(bench.options().rounds, 3);
  std::int64_t missing = 0;
  bool is_all = true;
  for (int round = 0; round < rounds; ++round) {
    const std::string prefix = "replay-" + bench.NextLoad();
    const Target target{bench.broker().bootstrap(), prefix + "-callbacks"};
    tests::KafkaClient(target.bootstrap)
        .CreateTopic(target.topic,
                     {.partitions = kPartitions, .configs = {{"max.message.bytes", "12582912"}}});
    const std::string file = bench.directory() / "replay";
    for (const char* suffix : {".db", ".db-wal", ".db.refused"}) {
      std::filesystem::remove(file + suffix);
    }
    bench.Measure("replay.fill", "bench-spool", {"fill", file + ".db", std::to_string(rows)});
    ReplayingIngest ingest(bench, file, target);
    bench.samples().Add("replay.first_answer_s", ingest.FirstAnswer());
    const auto replayed = ingest.Replay(target);
    bench.samples().Add("replay.per_s", static_cast<double>(replayed.records) / replayed.seconds);
    bench.samples().Add("replay.most_mib", ingest.MostMemory());
    ingest.End();
    is_all = is_all && replayed.is_all;
    missing = std::max(missing, static_cast<std::int64_t>(rows) - replayed.records);
    tests::KafkaClient(target.bootstrap).DeleteTopic(target.topic);
    std::filesystem::remove(file + ".db");
  }
  const std::string count = std::to_string(rows);
  bench.Report("spool of " + count + " callbacks, file", "MiB", "replay.fill.mib");
  bench.Report("  first answer after the start", "s", "replay.first_answer_s");
  const std::string of_what =
      is_all ? "" : " in the first " + std::to_string(kLongestReplay.count()) + " s";
  bench.Report("  replayed" + of_what, "/s", "replay.per_s");
  bench.Report("  most memory that ingest held", "MiB", "replay.most_mib");
  if (!is_all) return;
  const auto lost = static_cast<double>(missing);
  bench.Add({.figure = "  not on the topic",
             .unit = "of " + count,
             .spread = {lost, lost, lost},
             .goal = "<= 0"});
}

}  // namespace bench
