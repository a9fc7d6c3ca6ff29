// The Assure API's failures under load, one after the other: it is down, answers 429 with
// Retry-After, is slow, answers garbage.
#include <cmath>
#include <stdexcept>
#include <utility>

#include "tests/soak/api_verdict.h"
#include "tests/soak/consumer_watch.h"
#include "tests/soak/scenarios.h"
#include "tests/soak/settlement.h"

namespace soak {
namespace {

using std::chrono::seconds;

constexpr const char* kHealthy = R"({"latency_ms":20,"error_rate":0.02})";

class ApiSoak {
 public:
  ApiSoak(Run& run, int rate) : run_(run), watch_(run), rate_(rate) {}

  /// Plays all phases and returns the findings.
  [[nodiscard]] ApiFindings PlayAll(seconds down);

 private:
  void Behave(const std::string& json) { run_.pipeline().Behave(json); }
  /// Saves the API's statistics under this name and resets them.
  void Recount(const std::string& part) {
    found_.seen.emplace_back(part, run_.pipeline().api().TakeStats());
  }
  void Drain(const std::string& part) {
    const auto time = watch_.AwaitBacklog(3.0 * rate_);
    found_.drained.push_back(part + ": the backlog was worked off after " + Seconds(time));
  }
  [[nodiscard]] double Attempts() const;
  void LetItBeDown(seconds time);
  void LetItRefuse();
  void LetItBeSlow();
  void LetItAnswerGarbage();

  Run& run_;
  ConsumerWatch watch_;
  int rate_;
  ApiFindings found_;
};

double ApiSoak::Attempts() const {
  const auto metrics = tests::MetricsPage::Of(run_.pipeline().consumer_admin());
  return metrics ? metrics->Sum("sluice_consumer_fetch_attempts_total") : 0;
}

void ApiSoak::LetItBeDown(seconds time) {
  watch_.Enter("down", "down for " + std::to_string(time.count()) + " s under " +
                           std::to_string(rate_) + " callbacks/s");
  const double before = Attempts();
  Behave(R"({"down":true})");
  watch_.Rest(time);
  found_.tries = Attempts() - before;
  found_.waiting = watch_.last().backlog();
  watch_.Enter("back",
               "back again, " + std::to_string(std::lround(found_.waiting)) + " callbacks wait");
  Behave(kHealthy);
  Drain("down");
  Recount("back");
}

void ApiSoak::LetItRefuse() {
  watch_.Enter("storm", "storm of 429 with Retry-After: 2");
  Behave(R"({"latency_ms":20,"status":429,"retry_after_s":2})");
  watch_.Rest(seconds(20));
  Recount("storm");
  watch_.Rest(seconds(10));
  Recount("storm-later");
  watch_.Enter("calm", "calm again");
  Behave(kHealthy);
  Drain("storm");
  Recount("calm");
}

void ApiSoak::LetItBeSlow() {
  watch_.Enter("slow", "slow: 2 s for each answer");
  Behave(R"({"latency_ms":2000,"error_rate":0.02})");
  watch_.Rest(seconds(60));
  Recount("slow");
  watch_.Enter("quick", "quick again");
  Behave(kHealthy);
  Drain("slow");
  Recount("quick");
}

void ApiSoak::LetItAnswerGarbage() {
  watch_.Enter("garbage", "garbage instead of JSON for 10 s");
  Behave(R"({"latency_ms":20,"body":"garbage"})");
  watch_.Rest(seconds(10));
  Behave(kHealthy);
  Drain("garbage");
  watch_.Enter("end", "end, redriven callbacks are fetched again");
  const auto redriven =
      tests::RunProgram(tests::Binary("sluicectl"),
                        {"dead", "redrive", "--config", run_.pipeline().consumer_yaml(), "--reason",
                         "unreadable-response"},
                        seconds(120));
  if (redriven.status != 0) throw std::runtime_error("redrive: " + redriven.error_output);
  watch_.Rest(seconds(20));
  Recount("end");
}

ApiFindings ApiSoak::PlayAll(seconds down) {
  watch_.Enter("normal", "normal operation");
  watch_.Rest(seconds(20));
  Recount("normal");
  LetItBeDown(down);
  LetItRefuse();
  LetItBeSlow();
  LetItAnswerGarbage();
  found_.samples = watch_.samples();
  return std::move(found_);
}

}  // namespace

void PlayApi(Run& run) {
  const seconds down(run.options().seconds.value_or(600));
  const int rate = run.options().rate.value_or(100);
  run.StartBroker(1);  // This scenario is not about Kafka.
  tests::Pipeline& pipeline = run.StartPipeline(1);
  pipeline.StartIngest();
  pipeline.StartConsumer();
  const auto deliveries = pipeline.StartDelivery(
      {"--providers", kProviderMix, "--speed", "720", "--duplicate-rate", "0.1", "--open-loop",
       std::to_string(rate), "--count", std::to_string(rate * (down.count() + 2000)), "--seed",
       std::to_string(run.seed())});
  ApiSoak soak(run, rate);
  const ApiFindings found = soak.PlayAll(down);
  deliveries->Stop();
  JudgeApi(run, found, Settle(run, deliveries->Finish()), down);
}

}  // namespace soak
