// Callbacks made durable by ingest, beside its two parts: librdkafka producing the same records
// with the same settings, and common/http answering the same requests immediately.
#include <unistd.h>

#include <stdexcept>

#include "ops/simulator/port_hold.h"
#include "tests/bench/ingest_figures.h"
#include "tests/bench/sections.h"

namespace bench {
namespace {

constexpr std::chrono::seconds kStartLimit(200);

/// A broker that clients reach through a relay. The destructor kills it.
class FarBroker {
 public:
  FarBroker(const Bench& bench, int port, int relay_port)
      : directory_((bench.directory() / "kafka-far").string()) {
    const auto started = tests::RunProgram(
        tests::SourcePath("ops/kafka/start"),
        {"--fresh", "--dir", directory_, "--port", std::to_string(port), "--owner",
         std::to_string(::getpid()), "--property",
         "advertised.listeners=PLAINTEXT://127.0.0.1:" + std::to_string(relay_port)},
        kStartLimit);
    if (started.status != 0) throw std::runtime_error(started.error_output);
  }
  ~FarBroker() {
    (void)tests::RunProgram(tests::SourcePath("ops/kafka/stop"), {"--now", "--dir", directory_},
                            kStartLimit);
  }
  FarBroker(const FarBroker&) = delete;
  FarBroker& operator=(const FarBroker&) = delete;

 private:
  std::string directory_;
};

/// With a broker that is 2 ms away, there and back.
void MeasureFar(Bench& bench, AnswersAtOnce& http) {
  const auto hold = simulator::PortHold::Reserve("127.0.0.1", 0);
  const auto relay = bench.Start("relay", "bench-relay", {std::to_string(hold->port()), "1"});
  const int port = static_cast<int>(Bench::AwaitNumber(*relay, "port"));
  const FarBroker broker(bench, hold->port(), port);
  IngestFigures(bench, http,
                {.bootstrap = "127.0.0.1:" + std::to_string(port),
                 .partitions = 12,
                 .series = "far.12",
                 .text = "12 partitions, broker 2 ms away"})
      .Measure();
}

}  // namespace

void MeasureIngest(Bench& bench) {
  const std::string bootstrap = bench.broker().bootstrap();
  AnswersAtOnce http(bench);
  const std::vector<int> all =
      bench.options().smoke ? std::vector<int>{12} : std::vector<int>{12, 24, 48};
  for (const int partitions : all) {
    const std::string count = std::to_string(partitions);
    IngestFigures(bench, http,
                  {.bootstrap = bootstrap,
                   .partitions = partitions,
                   .series = "near." + count,
                   .text = count + " partitions",
                   .is_main = partitions == 12})
        .Measure();
  }
  if (!bench.options().smoke) MeasureFar(bench, http);
}

}  // namespace bench
