#include "ops/simulator/deliver.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <random>

#include "common/config/secret_file.h"
#include "common/config/units.h"
#include "common/domain/callback_url.h"
#include "ops/simulator/arguments.h"
#include "ops/simulator/curl_sender.h"
#include "ops/simulator/delivery_report.h"

namespace simulator {

std::string_view DeliverHelp() {
  return R"(assure-sim deliver --target URL [options]: the providers

Sends callbacks to URL/<provider> and repeats each by its provider's rules until all are accepted or
given up. Then prints one line of JSON to stdout. SIGINT and SIGTERM end it early.

  --target URL                 for example http://127.0.0.1:8080; without a path, /callbacks is added
  --count N                    callbacks, default 100
  --providers NAME[:WEIGHT],…  onfido, eid, readid, paper, connect, webid, pictureid;
                               default onfido:4,eid:3,readid:3,paper,connect
  --speed X                    divides the providers' delays, default 1
  --authorization VALUE        value of the Authorization header
  --authorization-file FILE    file whose first line is that value
  --duplicate-rate R           repeats this share (0 to 1) of accepted deliveries, as if the 200 was
                               lost, at one of the provider's later times; a provider that sends
                               once never repeats
  --concurrency N              deliveries at a time, default 32
  --open-loop RATE             first deliveries per second, with latencies since each was due;
                               default: as fast as --concurrency allows
  --timeout DURATION           for an answer, not divided by --speed; default 10s
  --seed N                     same seed, same callbacks; default: a new one each time
  --ids-file FILE              one line for each callback sent:
                               provider dossierId processId status acknowledged(yes|no) attempts
  --quiet                      no progress on stderr

Report: callbacks, attempts, acknowledged, lost (given up), unfinished (ended early), penalties
(answers that made ReadID hold all callbacks for an hour), duplicates (deliveries after an accepted
one), statuses, all of these also per provider, latency_ms (from due to answered), answer_ms (from
sent to answered), duration_s.
)";
}

namespace {

using Clock = std::chrono::steady_clock;

/// Writes one line for each sent callback, after the run.
common::Result<void> WriteIds(const std::string& path, const DeliveryPlan& plan,
                              std::uint64_t count) {
  std::ofstream file(path, std::ios::trunc);
  for (std::uint64_t callback = 0; callback < count; ++callback) {
    const DeliveryPlan::Fate fate = plan.FateOf(callback);
    if (fate.begun) file << IdsLine(plan.CallbackOf(callback), fate);
  }
  file.flush();
  if (file) return {};
  return common::Error{common::Remedy::kStop, "ids_file", "cannot write " + path};
}

/// Prints a line on stderr every other second.
class Progress {
 public:
  explicit Progress(const DeliverOptions& options) : options_(options) {}

  [[nodiscard]] Clock::time_point next() const { return next_; }
  void Show(const DeliveryPlan& plan, std::size_t under_way, Clock::time_point now) {
    if (now < next_) return;
    next_ = now + std::chrono::seconds(2);
    if (options_.quiet) return;
    DeliveryTally sum;
    for (const DeliveryTally& tally : plan.tallies()) sum += tally;
    std::fprintf(stderr, "%llu of %llu begun, %llu settled, %llu deliveries, %zu under way\n",
                 static_cast<unsigned long long>(sum.callbacks),
                 static_cast<unsigned long long>(options_.plan.count),
                 static_cast<unsigned long long>(plan.settled()),
                 static_cast<unsigned long long>(sum.attempts), under_way);
  }

 private:
  const DeliverOptions& options_;
  Clock::time_point next_ = Clock::now() + std::chrono::seconds(2);
};

}  // namespace

common::Result<DeliverOptions> ParseDeliverOptions(const std::vector<std::string_view>& arguments) {
  DeliverOptions parsed;
  parsed.plan.count = 100;
  parsed.plan.mix = *ProviderMix::Parse("onfido:4,eid:3,readid:3,paper,connect");
  parsed.plan.seed = std::random_device()();
  constexpr double kAlmostNothing = 1e-9;
  std::string authorization_file;
  const std::vector<Option> options{
      {"target", "a URL", SetText(parsed.target)},
      {"count", "a number", SetNumber(parsed.plan.count, std::uint64_t{0})},
      {"speed", "a number greater than 0", SetNumber(parsed.plan.speed, kAlmostNothing)},
      {"authorization", "a value", SetText(parsed.authorization)},
      {"authorization-file", "a file", SetText(authorization_file)},
      {"duplicate-rate", "a number from 0 to 1", SetNumber(parsed.plan.duplicate_rate, 0.0)},
      {"concurrency", "a number of at least 1", SetNumber(parsed.concurrency, 1)},
      {"open-loop", "a rate per second", SetNumber(parsed.plan.open_loop_rate, kAlmostNothing)},
      {"seed", "a number", SetNumber(parsed.plan.seed, std::uint64_t{0})},
      {"ids-file", "a file", SetText(parsed.ids_file)},
      {"quiet", "", SetFlag(parsed.quiet)},
      {"timeout", "a duration such as 10s",
       [&](std::string_view value) {
         const auto timeout = common::config::ParseDuration(value);
         if (timeout) parsed.timeout = *timeout;
         return timeout && timeout->count() > 0;
       }},
      {"providers", "NAME[:WEIGHT],… of known providers", [&](std::string_view value) {
         const auto mix = ProviderMix::Parse(value);
         if (mix) parsed.plan.mix = *mix;
         return mix.has_value();
       }}};
  if (const auto read = ParseArguments(arguments, options); !read) return read.error();
  if (parsed.target.empty()) return BadArguments("--target is required");
  if (parsed.plan.duplicate_rate > 1) return BadArguments("--duplicate-rate must be from 0 to 1");
  if (!authorization_file.empty()) {
    auto lines = common::config::ReadSecretLines(authorization_file);
    if (!lines) return lines.error();
    parsed.authorization = lines->front();
  }
  return parsed;
}

common::Result<std::string> Deliver(const DeliverOptions& options,
                                    const common::Shutdown& shutdown) {
  const Clock::time_point start = Clock::now();
  DeliveryPlan plan(options.plan, start);
  DeliveryReport report;
  CurlSender sender(options.authorization, options.timeout, options.concurrency);
  Progress progress(options);
  const bool is_open_loop = options.plan.open_loop_rate > 0;
  std::vector<Clock::time_point> due_at;  // By callback; open loop only.
  const auto has_room = [&] {
    return sender.under_way() < static_cast<std::size_t>(options.concurrency);
  };
  while (!plan.IsDone() && !shutdown.IsRequested()) {
    while (has_room()) {
      const auto delivery = plan.Next(Clock::now());
      if (!delivery) break;
      const SyntheticCallback callback = plan.CallbackOf(delivery->callback);
      if (is_open_loop) {
        due_at.resize(std::max<std::size_t>(due_at.size(), delivery->callback + 1));
        due_at[delivery->callback] = delivery->due;
      }
      sender.Post(delivery->callback,
                  common::CallbackUrl(options.target, kProviders[callback.provider].route),
                  BodyOf(callback));
    }
    Clock::time_point wake = progress.next();
    if (const auto due = plan.NextDue(); due && has_room()) wake = std::min(wake, *due);
    for (const SenderReply& reply : sender.Collect(common::Deadline(wake), shutdown.fd())) {
      const Clock::time_point now = Clock::now();
      report.Count({.provider = plan.CallbackOf(reply.id).provider,
                    .status = reply.status,
                    .since_due = now - (is_open_loop ? due_at[reply.id] : reply.sent),
                    .since_sent = now - reply.sent});
      plan.Answered(reply.id, reply.status, now);
    }
    progress.Show(plan, sender.under_way(), Clock::now());
  }
  if (!options.ids_file.empty()) {
    if (auto written = WriteIds(options.ids_file, plan, options.plan.count); !written) {
      return written.error();
    }
  }
  return report.ToJson(plan, options.plan.seed, Clock::now() - start);
}

}  // namespace simulator
