// Signed events beside callbacks of the same size, and beside a flood of wrong signatures.
#include <algorithm>
#include <fstream>
#include <string>

#include "tests/bench/callback_loads.h"
#include "tests/bench/sections.h"
#include "tests/harness/process.h"
#include "tests/support/kafka_client.h"

namespace bench {
namespace {

const CallbackLoads::Arguments kEvents = {"--path", "/callbacks/events", "--secret",
                                          MeasuredIngest::kSigningSecret};

CallbackLoads::Arguments With(CallbackLoads::Arguments arguments,
                              const CallbackLoads::Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// A slow pace has too few answers in less.
double SecondsOf(const Bench& bench) { return std::max(bench.seconds(), 1.0); }

double MiBOf(pid_t process, const std::string& field) {
  const std::string status = tests::ReadFile("/proc/" + std::to_string(process) + "/status");
  return std::stod(status.substr(status.find(field) + field.size())) / 1024;
}

/// The memory that a process needs from now on, beyond what it holds.
class Growth {
 public:
  explicit Growth(pid_t process) : process_(process), before_(MiBOf(process, "VmRSS:")) {
    // Linux, proc(5): resets the peak.
    std::ofstream("/proc/" + std::to_string(process) + "/clear_refs") << '5';
  }
  [[nodiscard]] double MiB() const { return MiBOf(process_, "VmHWM:") - before_; }

 private:
  pid_t process_;
  double before_;
};

void MeasureCost(Bench& bench, CallbackLoads& loads, const MeasuredIngest& ingest) {
  const CallbackLoads::Arguments pace = {"--connections", "64", "--rate", "1000"};
  bench.EachRound([&] {
    loads.MeasureCallbacks("events.callback", ingest, SecondsOf(bench), pace);
    loads.MeasureCallbacks("events.event", ingest, SecondsOf(bench), With(pace, kEvents));
  });
  bench.Report("event, CPU at 1000/s", "µs", "events.event.cpu_us",
               {"callback", "events.callback.cpu_us"});
  bench.Report("event, ack p99 at 1000/s", "ms", "events.event.p99_ms",
               {"callback", "events.callback.p99_ms"});
}

void MeasureFlood(Bench& bench, CallbackLoads& loads, const MeasuredIngest& ingest) {
  const auto right = With(kEvents, {"--connections", "32", "--rate", "100"});
  const CallbackLoads::Arguments wrong = {
      "--path", "/callbacks/events", "--secret", "another", "--expect",
      "401",    "--connections",     "64",       "--rate",  "2000"};
  bench.EachRound([&] {
    loads.MeasureCallbacks("events.alone", ingest, SecondsOf(bench), right);
    const Growth growth(ingest.pid());
    // The flood ends after the others.
    const auto flood = loads.BeginFlood(ingest, SecondsOf(bench) + 2, wrong);
    loads.MeasureCallbacks("events.beside", ingest, SecondsOf(bench), right);
    bench.CollectFrom("events.flood", *flood);
    bench.samples().Add("events.flood.grown_mib", growth.MiB());
  });
  bench.Report("right event, ack p99 at 100/s beside 2000/s wrong ones", "ms",
               "events.beside.p99_ms", {"alone", "events.alone.p99_ms"});
  bench.Report("  of it p50", "ms", "events.beside.p50_ms", {"alone", "events.alone.p50_ms"});
  bench.Report("  wrong ones answered", "/s", "events.flood.per_s");
  bench.Report("  CPU of a wrong one, with what the right ones cost", "µs", "events.flood.cpu_us");
  bench.Report("  memory beyond what ingest held before", "MiB", "events.flood.grown_mib");
}

/// The receiver must read and hash a body before it can refuse it.
void MeasureLargeFlood(Bench& bench, CallbackLoads& loads, const MeasuredIngest& ingest) {
  const auto right = With(kEvents, {"--connections", "32", "--rate", "100"});
  const CallbackLoads::Arguments wrong = {
      "--path", "/callbacks/events", "--secret", "another", "--body-bytes", "65536", "--expect",
      "401",    "--connections",     "64",       "--rate",  "500"};
  bench.EachRound([&] {
    const Growth growth(ingest.pid());
    bench.CollectFrom("events.large", *CallbackLoads::BeginFlood(ingest, SecondsOf(bench), wrong));
    const auto flood = CallbackLoads::BeginFlood(ingest, SecondsOf(bench) + 2, wrong);
    loads.MeasureCallbacks("events.beside_large", ingest, SecondsOf(bench), right);
    bench.CollectFrom("events.large_flood", *flood);
    bench.samples().Add("events.large_flood.grown_mib", growth.MiB());
  });
  bench.Report("wrong event of 64 KiB, CPU at 500/s", "µs", "events.large.cpu_us",
               {"small wrong one with right ones", "events.flood.cpu_us"});
  bench.Report("right event, ack p99 at 100/s beside 500/s of them", "ms",
               "events.beside_large.p99_ms", {"alone", "events.alone.p99_ms"});
  bench.Report("  of it p50", "ms", "events.beside_large.p50_ms", {"alone", "events.alone.p50_ms"});
  bench.Report("  wrong ones answered", "/s", "events.large_flood.per_s");
  bench.Report("  memory beyond what ingest held before", "MiB", "events.large_flood.grown_mib");
}

}  // namespace

void MeasureEvents(Bench& bench) {
  const std::string bootstrap = bench.broker().bootstrap();
  const std::string prefix = tests::UniqueName("bench") + ".events.";
  CreateTopics(bench, bootstrap, prefix, 12);
  CallbackLoads loads(bench, "events", {bootstrap, prefix + "callbacks"});
  const MeasuredIngest ingest(bench, "ingest.events", {bootstrap, prefix + "callbacks"});
  MeasureCost(bench, loads, ingest);
  MeasureFlood(bench, loads, ingest);
  MeasureLargeFlood(bench, loads, ingest);
  const auto [acknowledged, missing] = loads.Verify();
  const auto count = static_cast<double>(missing);
  bench.Add({.figure = "acknowledged, not on the topic",
             .unit = "of " + std::to_string(acknowledged),
             .spread = {count, count, count},
             .goal = "<= 0"});
}

}  // namespace bench
