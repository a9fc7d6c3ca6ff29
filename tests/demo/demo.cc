#include "tests/demo/demo.h"

#include <unistd.h>

#include <chrono>
#include <ctime>

#include "tests/demo/tally.h"
#include "tests/harness/contracts.h"
#include "tests/harness/process.h"
#include "tests/soak/instances.h"
#include "tests/soak/settlement.h"

namespace demo {
namespace {

using std::chrono::seconds;

constexpr const char* kConsumer = "0";

void Start(soak::Run& run, const Options& options) {
  int copies = 1;
  if (options.cluster.empty()) {
    run.StartBroker(1);
  } else {
    copies = run.UseCluster(options.cluster, "demo-" + std::to_string(std::time(nullptr)) + "-" +
                                                 std::to_string(::getpid()) + ".");
  }
  tests::Pipeline& pipeline = run.StartPipeline(copies);
  pipeline.AddEvents();
  // Longer than the simulated providers need for all their repetitions.
  pipeline.AddExpected("{ within: 10s, max_wait: 1h, rate: 200 }");
  run.Step("starting ingest and consumer");
  pipeline.StartIngest();
  pipeline.StartConsumer(kConsumer);
  run.Await([&] { return soak::IsReady(pipeline, kConsumer); }, seconds(60),
            "consumer is not ready");
}

/// Kills ingest or consumer and starts it again.
void KillOne(soak::Run& run, bool is_ingest) {
  tests::Pipeline& pipeline = run.pipeline();
  run.Step(std::string("  kill -9 ") + (is_ingest ? "ingest" : "consumer"));
  if (is_ingest) {
    pipeline.ingest().Kill();
    pipeline.StartIngest();
    return;
  }
  pipeline.consumer(kConsumer).Kill();
  pipeline.StartConsumer(kConsumer);
  run.Await([&] { return soak::IsReady(pipeline, kConsumer); }, seconds(60),
            "consumer is not ready");
}

void TellProgress(soak::Run& run) {
  const auto metrics = tests::MetricsPage::Of(run.pipeline().consumer_admin(kConsumer));
  const auto count = [&](const char* outcome) {
    const double sum = metrics ? metrics->Sum(kDisposed, {{"outcome", outcome}}) : 0;
    return std::to_string(static_cast<std::int64_t>(sum));
  };
  run.Step("  " + count("published") + " results, " + count("duplicate") + " redeliveries removed");
}

/// Returns how often a program was killed.
int Deliver(soak::Run& run, const Options& options, tests::Delivered& delivered) {
  const std::string count = std::to_string(options.callbacks);
  run.Step(
      "sending " + count + " callbacks of " + std::to_string(Providers().size()) +
      " providers, one hour of their schedule in half a second; one of them signs events that "
      "expire after 5 s, others forge and replay them. All are announced, and one in twenty is "
      "never sent");
  std::vector<std::string> arguments = run.pipeline().EventArguments();
  const std::vector<std::string> announce = run.pipeline().AnnounceArguments();
  arguments.insert(arguments.end(), announce.begin(), announce.end());
  arguments.insert(
      arguments.end(),
      {"--providers", "onfido,eid,readid,paper,connect,events", "--count", count, "--speed", "7200",
       "--duplicate-rate", std::to_string(options.duplicate_rate), "--event-lifetime", "5s",
       "--mock-rate", "0.05", "--forged-rate", "0.1", "--stale-rate", "0.05", "--lose", "0.05"});
  // Kills take time, so the first attempts are spread over 30 s.
  if (options.kill) {
    arguments.insert(arguments.end(), {"--open-loop", std::to_string(options.callbacks / 30 + 1)});
  }
  const auto deliveries = run.pipeline().StartDelivery(std::move(arguments));
  const auto end = std::chrono::steady_clock::now() + seconds(120 + options.callbacks / 100);
  int kills = 0;
  while (deliveries->IsRunning() && std::chrono::steady_clock::now() < end) {
    if (options.kill) KillOne(run, kills++ % 2 == 1);
    run.Rest(seconds(2));
    if (!options.kill) TellProgress(run);
  }
  delivered = deliveries->Finish(seconds(1));
  return kills;
}

void TellAddresses(soak::Run& run) {
  tests::Pipeline& pipeline = run.pipeline();
  const std::string ingest = "http://" + pipeline.ingest_address();
  const std::string secret = pipeline.secret_path();
  soak::Run::Tell(
      "It is still running:\n"
      "  callbacks   " +
      ingest + "/callbacks/{provider}   (Authorization: the line in " + secret +
      ")\n"
      "  ingest      http://" +
      pipeline.ingest_admin() +
      "/metrics\n"
      "  consumer    http://" +
      pipeline.consumer_admin(kConsumer) +
      "/metrics\n"
      "  Assure API  http://" +
      pipeline.api().admin_address() +
      "/stats, PUT /behaviour changes how it behaves\n"
      "  Kafka       " +
      run.bootstrap() +
      "\n"
      "Look at the results:  kcat -b " +
      run.bootstrap() + " -C -e -t " + pipeline.topics().processes +
      "\n"
      "Look in a browser:    " +
      tests::Binary("sluicectl") + " serve --config " + pipeline.consumer_yaml(kConsumer).string() +
      " --instance " + pipeline.ingest_admin() + "," + pipeline.consumer_admin(kConsumer) +
      " --allow-redrive\n"
      "Send one more:        " +
      tests::Binary("sluicectl") + " send --provider onfido --target " + ingest +
      " --authorization-file " + secret +
      "\n"
      "Stop it:              ops/demo --stop");
}

/// Holds the answers to events to what their senders want.
bool AnswersEvents(soak::Run& run, const Options& options, const tests::Delivered& delivered) {
  const std::string wrong = tests::WrongEventAnswers(delivered, options.kill);
  run.FailIf(!wrong.empty(), wrong);
  return wrong.empty();
}

/// Holds each record to ops/docs/contracts, unless that would take long.
bool KeepsContracts(soak::Run& run, const Options& options) {
  constexpr int kMostCallbacks = 20'000;
  if (options.callbacks > kMostCallbacks) return true;
  run.Step("checking every record against ops/docs/contracts");
  const std::string breaches =
      tests::ContractBreaches(run.pipeline().kafka(), run.pipeline().topics());
  run.FailIf(!breaches.empty(), "records break ops/docs/contracts:\n" + breaches);
  return breaches.empty();
}

/// consumer counts each callback that was never sent. On a slow machine it may give up others, too,
/// which come later.
bool CountsTheLost(soak::Run& run, const Tally& tally) {
  std::string counted;
  std::string wrong;
  for (const auto& [provider, row] : tally) {
    if (!row.lost) return true;
    if (*row.lost > 0) {
      counted.append(counted.empty() ? "" : ", ").append(provider).append(" ");
      counted += std::to_string(*row.lost);
    }
    if (*row.lost < row.unsent) wrong.append(" ").append(provider);
  }
  soak::Run::Tell("Lost callbacks, as " + std::string(kLost) + " says: " + counted);
  run.FailIf(!wrong.empty(), "consumer does not count all lost callbacks of:" + wrong);
  return wrong.empty();
}

bool Judge(soak::Run& run, const Options& options, const soak::Settlement& settled, int kills) {
  const std::size_t missing = settled.discrepancy.missing.size();
  const std::int64_t surplus = settled.discrepancy.surplus;
  const std::int64_t refused = settled.delivered.CountRefused();
  const bool is_good =
      missing == 0 && surplus == 0 && settled.dead.empty() && (options.kill || refused == 0);
  if (!is_good) {
    run.Fail("NOT exactly once: " + std::to_string(missing) + " without a result, " +
             std::to_string(surplus) + " results too many, " + std::to_string(settled.dead.size()) +
             " dead letters, " + std::to_string(refused) + " refused; see " +
             run.directory().string());
    return false;
  }
  const std::string details = " Details: " + run.directory().string();
  if (!options.kill) {
    soak::Run::Tell(
        "Every callback and every event became exactly one result, and so did every announced "
        "process "
        "whose callback was never sent; each forged or replayed event was refused." +
        details);
    if (!options.keep) soak::Run::Tell("To look around: ops/demo --keep");
    return true;
  }
  soak::Run::Tell("ingest and consumer were killed " + std::to_string(kills) +
                  " times. Every callback that was answered 200 became exactly one result, and so "
                  "did every announced "
                  "process whose callback was never sent;");
  soak::Run::Tell(std::to_string(refused) + " were never answered, as their providers send once." +
                  details);
  return true;
}

}  // namespace

bool Play(soak::Run& run, const Options& options) {
  Start(run, options);
  tests::Delivered delivered;
  const int kills = Deliver(run, options, delivered);
  const soak::Settlement settled = soak::Settle(run, std::move(delivered));
  Tally tally = CountByProvider(run.pipeline(), settled.delivered);
  // consumer's counters do not survive a kill.
  if (!options.kill) CountRemoved(run.pipeline().consumer_admin(kConsumer), tally);
  const bool keeps_contracts = KeepsContracts(run, options);
  soak::Run::Tell(ToTable(tally));
  const bool counts_the_lost = CountsTheLost(run, tally);
  if (options.keep) TellAddresses(run);
  const bool answers_events = AnswersEvents(run, options, settled.delivered);
  return Judge(run, options, settled, kills) && keeps_contracts && answers_events &&
         counts_the_lost;
}

}  // namespace demo
