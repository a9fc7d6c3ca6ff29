#include "tests/bench/ingest_figures.h"

#include <utility>

#include "tests/support/kafka_client.h"

namespace bench {
namespace {

constexpr const char* kParts = "http + librdkafka";

std::string WholeNumber(double number) { return std::to_string(static_cast<std::int64_t>(number)); }

}  // namespace

AnswersAtOnce::AnswersAtOnce(Bench& bench)
    : bench_(bench),
      process_(bench.Start("http", "bench-http", {"2"})),
      port_(static_cast<int>(Bench::AwaitNumber(*process_, "port"))) {}

void AnswersAtOnce::Measure(const std::string& series, std::vector<std::string> more) {
  more.insert(more.end(), {"--port", std::to_string(port_), "--pid",
                           std::to_string(process_->pid()), "--seconds", Text(bench_.seconds()),
                           "--authorization", MeasuredIngest::kAuthorization});
  bench_.Measure(series, "bench-load", std::move(more));
}

IngestFigures::IngestFigures(Bench& bench, AnswersAtOnce& http, Plan plan)
    : bench_(bench),
      http_(http),
      plan_(std::move(plan)),
      prefix_(tests::UniqueName("bench") + "." + plan_.series + "."),
      loads_(bench, plan_.series, {plan_.bootstrap, prefix_ + "callbacks"}) {}

void IngestFigures::Measure() {
  CreateTopics(bench_, plan_.bootstrap, prefix_, plan_.partitions);
  ingest_ = std::make_unique<MeasuredIngest>(bench_, "ingest." + plan_.series,
                                             Target{plan_.bootstrap, prefix_ + "callbacks"});
  const bool is_smoke = bench_.options().smoke;
  if (!is_smoke) WarmUp();
  for (const char* connections : {"64", "512"}) {
    MeasureClosedLoop(connections);
    ReportClosedLoop(connections);
  }
  const auto most =
      static_cast<int>(SpreadOf(bench_.samples().Of(plan_.series + ".ingest.512.per_s")).median);
  MeasureOpenLoop(most / 2, "half of its maximum");
  if (plan_.is_main && !is_smoke) {
    MeasureOpenLoop(most / 4, "a quarter of it");
    MeasureOpenLoop(1000, "1000/s");
  }
  ingest_.reset();
  const auto [acknowledged, missing] = loads_.Verify();
  const auto count = static_cast<double>(missing);
  bench_.Add({.figure = "acknowledged, not on the topic, " + plan_.text,
              .unit = "of " + std::to_string(acknowledged),
              .spread = {count, count, count},
              .goal = "<= 0"});
}

/// A broker is slow for seconds after its start, and so are new topics.
void IngestFigures::WarmUp() {
  for (int round = 0; round < 3; ++round) {
    loads_.MeasureProduced(plan_.series + ".warm-up.raw", 1.5, {"--outstanding", "512"});
    loads_.MeasureCallbacks(plan_.series + ".warm-up.ingest", *ingest_, 1.5,
                            {"--connections", "64"});
  }
}

void IngestFigures::SampleSum(const std::string& series, const std::string& first,
                              const std::string& second) {
  bench_.samples().Add(
      series, bench_.samples().Last(first + ".cpu_us") + bench_.samples().Last(second + ".cpu_us"));
}

void IngestFigures::MeasureClosedLoop(const std::string& n) {
  const std::string& series = plan_.series;
  bench_.EachRound([&] {
    loads_.MeasureCallbacks(series + ".ingest." + n, *ingest_, bench_.seconds(),
                            {"--connections", n});
    loads_.MeasureProduced(series + ".raw." + n, bench_.seconds(), {"--outstanding", n});
    http_.Measure(series + ".http." + n, {"--connections", n});
    SampleSum(series + ".parts." + n, series + ".raw." + n, series + ".http." + n);
    if (plan_.is_main) MeasureAtRateOfIngest(n);
  });
}

/// In a closed loop librdkafka alone sends several times as many records, in larger batches. So its
/// cost is also measured at ingest's rate.
void IngestFigures::MeasureAtRateOfIngest(const std::string& n) {
  const std::string& series = plan_.series;
  const std::string rate = WholeNumber(bench_.samples().Last(series + ".ingest." + n + ".per_s"));
  loads_.MeasureProduced(series + ".raw-paced." + n, bench_.seconds(),
                         {"--rate", rate, "--turn-ms", "1"});
  http_.Measure(series + ".http-paced." + n, {"--connections", n, "--rate", rate});
  SampleSum(series + ".paced." + n, series + ".raw-paced." + n, series + ".http-paced." + n);
}

void IngestFigures::ReportClosedLoop(const std::string& n) {
  const std::string& series = plan_.series;
  const std::string ingest = series + ".ingest." + n;
  const std::string on = ", " + n + " connections, " + plan_.text;
  bench_.Report("callback, CPU" + on, "µs", ingest + ".cpu_us",
                {kParts, series + ".parts." + n, plan_.is_main ? "<= 1.2" : ""});
  bench_.Report("  of it common/http at once", "µs", series + ".http." + n + ".cpu_us");
  bench_.Report("  of it librdkafka, " + n + " outstanding", "µs",
                series + ".raw." + n + ".cpu_us");
  if (plan_.is_main) {
    bench_.Report("  beside the two at the rate of ingest", "µs", ingest + ".cpu_us",
                  {kParts, series + ".paced." + n});
    bench_.Report("  of it common/http at once", "µs", series + ".http-paced." + n + ".cpu_us");
    bench_.Report("  of it librdkafka", "µs", series + ".raw-paced." + n + ".cpu_us");
  }
  bench_.Report("callback, context switches" + on, "-", ingest + ".switches",
                {"librdkafka", series + ".raw." + n + ".switches"});
  bench_.Report("callbacks" + on, "/s", ingest + ".per_s",
                {"librdkafka", series + ".raw." + n + ".per_s"});
}

/// Measures the three in turns, at this rate. All of them then have the same load, whereas a closed
/// loop makes larger batches for faster programs.
void IngestFigures::MeasureOpenLoop(int rate, const std::string& text) {
  const std::string per_second = std::to_string(rate);
  const std::string series = plan_.series + ".open." + per_second;
  bench_.EachRound([&] {
    loads_.MeasureCallbacks(series + ".ingest", *ingest_, bench_.seconds(),
                            {"--connections", "512", "--rate", per_second});
    loads_.MeasureProduced(series + ".raw", bench_.seconds(), {"--rate", per_second});
    http_.Measure(series + ".http", {"--connections", "512", "--rate", per_second});
    SampleSum(series + ".parts", series + ".raw", series + ".http");
  });
  ReportOpenLoop(series, text);
}

void IngestFigures::ReportOpenLoop(const std::string& series, const std::string& text) {
  const std::string at = " at " + text + ", " + plan_.text;
  bench_.Report("callback, CPU" + at, "µs", series + ".ingest.cpu_us", {kParts, series + ".parts"});
  const bool has_goal = plan_.is_main && text.starts_with("half");
  for (const std::string share : {"p50", "p99", "p999"}) {
    bench_.Report("callback, ack " + share + at, "ms", series + ".ingest." + share + "_ms",
                  {"librdkafka", series + ".raw." + share + "_ms",
                   has_goal && share == "p99" ? "<= 1.3" : ""});
  }
}

}  // namespace bench
