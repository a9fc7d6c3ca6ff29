// Signed events that expire while Kafka is away.
#include <string>
#include <utility>
#include <vector>

#include "tests/soak/replayed.h"
#include "tests/soak/scenarios.h"
#include "tests/soak/settlement.h"

namespace soak {
namespace {

using std::chrono::seconds;

constexpr seconds kBefore(10);
constexpr seconds kAfter(10);

std::unique_ptr<tests::Deliveries> Send(Run& run, int rate, seconds away) {
  std::vector<std::string> arguments = run.pipeline().EventArguments();
  const auto count = rate * (kBefore + away + kAfter).count();
  arguments.insert(arguments.end(), {"--providers",      "events",
                                     "--event-lifetime", "30s",
                                     "--duplicate-rate", "0.1",
                                     "--mock-rate",      "0.02",
                                     "--forged-rate",    "0.1",
                                     "--stale-rate",     "0.1",
                                     "--concurrency",    "2000",
                                     "--open-loop",      std::to_string(rate),
                                     "--count",          std::to_string(count),
                                     "--seed",           std::to_string(run.seed())});
  return run.pipeline().StartDelivery(std::move(arguments));
}

common::WallTime LetKafkaBeAway(Run& run, seconds away) {
  run.broker().Kill(1);
  run.Rest(away);
  run.Step("restarting the broker");
  run.broker().Restart(1);
  return common::WallNow();
}

double Spooled(Run& run) {
  const auto metrics = tests::MetricsPage::Of(run.pipeline().ingest_admin());
  return metrics ? metrics->Sum("sluice_ingest_callbacks_total", {{"outcome", "spooled"}}) : 0;
}

void Judge(Run& run, const Settlement& settlement, common::WallTime kafka_is_there) {
  const tests::Delivered& delivered = settlement.delivered;
  Run::Tell(delivered.report);
  const std::string wrong = tests::WrongEventAnswers(delivered, false);
  run.FailIf(!wrong.empty(), wrong);
  FailIfAny(run, delivered.LateEvents(), "events were first answered 200 after they had expired");
  FailIfAny(run, delivered.CountRefused(), "events were never answered 200");
  Replayed replayed(kafka_is_there, std::nullopt);
  run.pipeline().kafka().ForEach(
      run.pipeline().topics().callbacks, tests::Isolation::kReadCommitted,
      [&](const tests::Record& record) { replayed.Count(record); }, seconds(300));
  Run::Tell("seed " + std::to_string(run.seed()) + ": " + Seconds(replayed.healthy().last_after) +
            " after Kafka was back all " + std::to_string(replayed.healthy().count) +
            " waiting events were on the topic");
  JudgeExactlyOnce(run, settlement);
}

}  // namespace

void PlayEvents(Run& run) {
  const seconds away(run.options().seconds.value_or(60));
  const int rate = run.options().rate.value_or(500);
  run.StartBroker(1);
  tests::Pipeline& pipeline = run.StartPipeline(1);
  pipeline.AddEvents();
  pipeline.StartIngest();
  pipeline.StartConsumer();
  const auto deliveries = Send(run, rate, away);
  run.Rest(kBefore);
  run.Step("no broker for " + std::to_string(away.count()) + " s under " + std::to_string(rate) +
           " events/s that expire after 30 s");
  const common::WallTime kafka_is_there = LetKafkaBeAway(run, away);
  run.FailIf(Spooled(run) == 0, "ingest spooled no event, so there was no outage");
  run.Step("waiting for the last events");
  run.Await([&] { return !deliveries->IsRunning(); }, away + seconds(120),
            "the sender does not finish");
  const Settlement settlement = Settle(run, deliveries->Finish());
  Judge(run, settlement, kafka_is_there);
}

}  // namespace soak
