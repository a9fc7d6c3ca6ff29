#include "tests/soak/api_verdict.h"

#include <cmath>
#include <map>

#include "common/domain/record_headers.h"

namespace soak {
namespace {

using std::chrono::seconds;
using Sample = ConsumerWatch::Sample;

constexpr int kMostInFlight = 256;  ///< fetch.max_in_flight
constexpr int kStormLimit = 4;
constexpr double kSlackKib = 32'768;

std::string Whole(double number) { return std::to_string(std::lround(number)); }

void JudgeWhatTheApiSaw(Run& run, const ApiFindings& found) {
  for (const auto& [part, stats] : found.seen) {
    Run::Tell("the API has seen in " + part + ": at most " + std::to_string(stats.most_at_once) +
              " concurrent requests, " + std::to_string(stats.despite_retry_after) +
              " during Retry-After");
    run.FailIf(stats.most_at_once > kMostInFlight || stats.despite_retry_after > 0,
               "the API got more requests than it should");
    run.FailIf(part == "storm-later" && stats.most_at_once > kStormLimit,
               "the storm has not lowered consumer's concurrency");
  }
}

void JudgeTheOutage(Run& run, const ApiFindings& found, seconds down) {
  const auto most = [&](const char* part, ConsumerWatch::Field field, std::size_t from = 0) {
    return MostOf(found.samples, part, field, from, 100);
  };
  Run::Tell(Whole(found.tries) + " requests were tried while the API was down, " +
            Whole(found.waiting) + " callbacks waited at its end");
  run.FailIf(found.tries > 20 + kMostInFlight + static_cast<double>(down.count()) / 5,
             "consumer has not left the API alone");
  run.FailIf(most("down", &Sample::breaker_open, 25) != 1, "the circuit breaker has not opened");
  for (const std::string& line : found.drained) Run::Tell(line);
  for (const char* part : {"normal", "down", "back", "storm", "slow", "garbage", "end"}) {
    Run::Tell(std::string(part) + ": at most " + Whole(most(part, &Sample::resident_kib)) +
              " KiB resident, " + Whole(most(part, &Sample::pending)) + " in hand, " +
              Whole(most(part, &Sample::in_flight)) + " in flight, limit " +
              Whole(most(part, &Sample::limit)));
  }
  // Waiting callbacks stay in Kafka. Whenever all pending callbacks have failed as probes, consumer
  // takes in one more, and librdkafka reads ahead for it: up to 1 MiB from each of the twelve
  // partitions, which it keeps allocated.
  run.FailIf(most("down", &Sample::pending) > 20 + kMostInFlight,
             "callbacks were taken in while the API was down");
  const double first = most("normal", &Sample::resident_kib);
  const double last = most("down", &Sample::resident_kib);
  run.FailIf(run.options().MeasuresMemory() && last > first + kSlackKib,
             "memory grows while the API is down: from " + Whole(first) + " KiB to " + Whole(last) +
                 " KiB");
}

/// A callback becomes a dead letter only after meeting garbage three times; the scenario has
/// redriven those.
void JudgeDeadLetters(Run& run, const std::vector<tests::Record>& dead) {
  std::map<std::string, int> reasons;
  for (const tests::Record& record : dead) {
    const auto reason = common::LastHeader(record.headers, common::header::kDeadReason);
    ++reasons[std::string(reason.value_or("none"))];
  }
  std::string text;
  for (const auto& [reason, count] : reasons) {
    text += (text.empty() ? "" : ",") + reason + ": " + std::to_string(count);
    run.FailIf(reason != "unreadable-response", "dead letters of the outage");
  }
  Run::Tell("dead letters: " + (text.empty() ? "none" : text));
}

}  // namespace

void JudgeApi(Run& run, const ApiFindings& found, Settlement settlement, seconds down) {
  Run::Tell(settlement.delivered.report);
  JudgeWhatTheApiSaw(run, found);
  JudgeTheOutage(run, found, down);
  JudgeDeadLetters(run, settlement.dead);
  settlement.dead.clear();
  Run::Tell(std::to_string(settlement.delivered.CountRefused()) +
            " callbacks were in flight when the providers were stopped");
  JudgeExactlyOnce(run, settlement);
}

}  // namespace soak
