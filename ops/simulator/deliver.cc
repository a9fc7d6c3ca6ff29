#include "ops/simulator/deliver.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <optional>

#include "common/domain/callback_url.h"
#include "ops/simulator/announcer.h"
#include "ops/simulator/curl_sender.h"
#include "ops/simulator/delivery_report.h"

namespace simulator {
namespace {

using Clock = std::chrono::steady_clock;

bool IsEvent(const SyntheticCallback& callback) {
  return kProviders[callback.provider].route == kEventsRoute;
}

/// A mock event leads to no result.
bool LeadsToAResult(const SyntheticCallback& callback, const DeliverOptions& options) {
  return !IsEvent(callback) || !IsMock(callback, options.events);
}

/// Writes one line for each callback that will have a result, after the run: it was sent, or
/// announced.
common::Result<void> WriteIds(const DeliverOptions& options, const DeliveryPlan& plan) {
  std::ofstream file(options.ids_file, std::ios::trunc);
  for (std::uint64_t n = 0; n < options.plan.count; ++n) {
    const DeliveryPlan::Fate fate = plan.FateOf(n);
    const SyntheticCallback callback = plan.CallbackOf(n);
    const bool is_known = fate.begun || (fate.unsent && !options.announce.empty());
    if (!is_known || !LeadsToAResult(callback, options)) continue;
    file << IdsLine(callback, fate);
  }
  file.flush();
  if (file) return {};
  return common::Error{common::Remedy::kStop, "ids_file", "cannot write " + options.ids_file};
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

/// One run.
class Run {
 public:
  explicit Run(const DeliverOptions& options)
      : options_(options),
        plan_(options.plan, start_),
        sender_(options.authorization, options.timeout, options.concurrency) {
    if (!options_.announce.empty()) {
      announcer_.emplace(options_.announce, options_.announce_authorization, options_.timeout);
    }
  }

  /// Errors: those of Announcer, unless a shutdown was requested.
  common::Result<void> Play(const common::Shutdown& shutdown) {
    Progress progress(options_);
    while (!IsDone() && !shutdown.IsRequested()) {
      if (auto announced = AnnounceAhead(shutdown); !announced) {
        if (shutdown.IsRequested()) break;
        return announced;
      }
      SendDue();
      Clock::time_point wake = progress.next();
      if (const auto due = plan_.NextDue(); due && HasRoom()) wake = std::min(wake, *due);
      for (const SenderReply& reply : sender_.Collect(common::Deadline(wake), shutdown.fd())) {
        Count(reply, Clock::now());
      }
      progress.Show(plan_, sender_.under_way(), Clock::now());
    }
    return {};
  }
  [[nodiscard]] const DeliveryPlan& plan() const { return plan_; }
  [[nodiscard]] std::string Report() const {
    return report_.ToJson(plan_, options_.plan.seed, Clock::now() - start_);
  }

 private:
  // The sender's id of a request := kind << 56 | number of the callback; kind 0: a callback, else
  // an EventKind plus 1.
  static constexpr int kKindShift = 56;

  [[nodiscard]] bool IsDone() const { return plan_.IsDone() && sender_.under_way() == 0; }
  /// The requests that accompany an event may exceed the concurrency.
  [[nodiscard]] bool HasRoom() const {
    return sender_.under_way() < static_cast<std::size_t>(options_.concurrency);
  }
  [[nodiscard]] bool IsOpenLoop() const { return options_.plan.open_loop_rate > 0; }

  /// Announces the callbacks of the next turn. No callback is sent before its announcement.
  common::Result<void> AnnounceAhead(const common::Shutdown& shutdown) {
    if (!announcer_ || announced_ > plan_.reached()) return {};
    std::vector<SyntheticCallback> callbacks;
    const std::uint64_t end = std::min(announced_ + Announcer::kMost, options_.plan.count);
    for (std::uint64_t n = announced_; n < end; ++n) {
      SyntheticCallback callback = plan_.CallbackOf(n);
      if (LeadsToAResult(callback, options_)) callbacks.push_back(std::move(callback));
    }
    announced_ = end;
    return announcer_->Announce(callbacks, shutdown);
  }

  void SendDue() {
    while (HasRoom()) {
      const auto delivery = plan_.Next(Clock::now(), announcer_ ? announced_ : options_.plan.count);
      if (!delivery) return;
      const std::uint64_t n = delivery->callback;
      if (IsOpenLoop()) {
        due_at_.resize(std::max<std::size_t>(due_at_.size(), n + 1));
        due_at_[n] = delivery->due;
      }
      const SyntheticCallback callback = plan_.CallbackOf(n);
      const std::string url =
          common::CallbackUrl(options_.target, kProviders[callback.provider].route);
      if (IsEvent(callback)) {
        SendEvent(n, callback, url);
      } else {
        sender_.Post(n, url, BodyOf(callback));
      }
    }
  }

  void SendEvent(std::uint64_t n, const SyntheticCallback& fact, const std::string& url) {
    const DeliveryPlan::Fate fate = plan_.FateOf(n);
    const common::WallTime made =
        wall_start_ + std::chrono::floor<std::chrono::milliseconds>(fate.first - start_);
    const EventDelivery delivery{.fact = fact,
                                 .attempt = fate.attempts,
                                 .made = made,
                                 .expires = made + options_.plan.event_lifetime,
                                 .now = common::WallNow()};
    for (EventRequest& request : MakeRequests(delivery, options_.events)) {
      const auto kind = static_cast<std::uint64_t>(request.kind) + 1;
      sender_.Post(n | kind << kKindShift, url, std::move(request.body), request.fields);
    }
  }

  void Count(const SenderReply& reply, Clock::time_point now) {
    const std::uint64_t n = reply.id & ((std::uint64_t{1} << kKindShift) - 1);
    if (const std::uint64_t kind = reply.id >> kKindShift; kind > 0) {
      const auto event_kind = static_cast<EventKind>(kind - 1);
      report_.CountEvent(event_kind, reply.status);
      if (MustBeRefused(event_kind)) return;
    }
    report_.Count({.provider = plan_.CallbackOf(n).provider,
                   .status = reply.status,
                   .since_due = now - (IsOpenLoop() ? due_at_[n] : reply.sent),
                   .since_sent = now - reply.sent});
    plan_.Answered(n, reply.status, now);
  }

  const DeliverOptions& options_;
  Clock::time_point start_ = Clock::now();
  common::WallTime wall_start_ = common::WallNow();
  DeliveryPlan plan_;
  DeliveryReport report_;
  CurlSender sender_;
  std::optional<Announcer> announcer_;
  std::uint64_t announced_ = 0;            ///< All below this number are.
  std::vector<Clock::time_point> due_at_;  ///< By callback; open loop only.
};

}  // namespace

common::Result<std::string> Deliver(const DeliverOptions& options,
                                    const common::Shutdown& shutdown) {
  Run run(options);
  if (const auto played = run.Play(shutdown); !played) return played.error();
  if (!options.ids_file.empty()) {
    if (auto written = WriteIds(options, run.plan()); !written) return written.error();
  }
  return run.Report();
}

}  // namespace simulator
