// Clients that abort, send slowly, flood or do not read, among well-behaved ones: ingest's memory
// and descriptors stay flat.

#include <stdexcept>

#include "common/base/text.h"
#include "tests/soak/footprint.h"
#include "tests/soak/scenarios.h"
#include "tests/soak/settlement.h"

namespace soak {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kSlackKib = 4096;
constexpr std::int64_t kSlackDescriptors = 20;

std::string ToText(const Footprint& footprint) {
  return std::to_string(footprint.resident_kib) + " " + std::to_string(footprint.descriptors);
}

void JudgeFootprint(Run& run, const Footprint& before, const std::vector<Footprint>& during,
                    const Footprint& after) {
  // Compares the second quarter of the time with the last one.
  const std::int64_t first = LargestResident(during, 25, 50);
  const std::int64_t last = LargestResident(during, 75, 100);
  run.Tell("ingest before, after (resident KiB, descriptors): " + ToText(before) + ", " +
           ToText(after));
  run.Tell("largest resident size in the second quarter: " + std::to_string(first) +
           " KiB, in the last quarter: " + std::to_string(last) + " KiB");
  run.FailIf(run.options().MeasuresMemory() && last > first + first / 10 + kSlackKib,
             "memory grows");
  run.FailIf(after.descriptors > before.descriptors + kSlackDescriptors, "descriptors leak");
}

}  // namespace

void PlayClients(Run& run) {
  const seconds time(run.options().seconds.value_or(600));
  const int rate = run.options().rate.value_or(200);
  constexpr int kNodes = 3;
  run.StartBroker(kNodes);
  tests::Pipeline& pipeline = run.StartPipeline(kNodes);
  pipeline.StartIngest();
  pipeline.StartConsumer();
  const Footprint before = FootprintOf(pipeline.ingest().pid());
  const auto deliveries = pipeline.StartDelivery(
      {"--providers", kProviderMix, "--speed", "7200", "--duplicate-rate", "0.1", "--open-loop",
       std::to_string(rate), "--count", std::to_string(rate * time.count()), "--seed",
       std::to_string(run.seed())});
  tests::Process abuser(
      tests::Binary("assure-sim"),
      {"abuse", "--target", pipeline.ingest_address(), "--authorization-file",
       pipeline.secret_path().string(), "--connections", "1000", "--duration",
       std::to_string(time.count()) + "s"},
      {}, tests::Process::Files{run.directory() / "abuse.json", run.directory() / "abuse.log"});
  std::vector<Footprint> during;
  for (const auto end = std::chrono::steady_clock::now() + time;
       std::chrono::steady_clock::now() < end;) {
    during.push_back(FootprintOf(pipeline.ingest().pid()));
    run.Rest(seconds(2));
  }
  if (abuser.WaitForExit(seconds(60)) != 0) throw std::runtime_error(abuser.Describe());
  tests::Delivered delivered = deliveries->Finish();
  run.Rest(seconds(2));
  const Footprint after = FootprintOf(pipeline.ingest().pid());
  const Settlement settlement = Settle(run, std::move(delivered));
  run.Tell(settlement.delivered.report);
  run.Tell("bad clients: " + std::string(common::TrimAscii(abuser.StandardOutput())));
  JudgeFootprint(run, before, during, after);
  FailIfAny(run, settlement.delivered.CountRefused(),
            "callbacks of well-behaved clients were lost");
  JudgeExactlyOnce(run, settlement);
}

}  // namespace soak
