#include "tests/soak/alert_watch.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "tests/support/wait_until.h"

namespace soak {
namespace {

using common::WallNow;
using common::WallTime;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kFiring = "ALERTS{alertstate=\"firing\"}";

template <typename Names>
std::string Join(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

/// An expression that selects the alerts that have fired since then.
std::string FiredSince(WallTime since) {
  // Not longer: an earlier fault's alert may have ended just before.
  const auto window = std::max(milliseconds(1), WallNow() - since);
  return std::string("max_over_time(") + kFiring + "[" + std::to_string(window.count()) + "ms])";
}

}  // namespace

AlertWatch::AlertWatch(Run& run, tests::Prometheus& prometheus, std::function<void()> require_all)
    : run_(run), prometheus_(prometheus), require_all_(std::move(require_all)) {}

void AlertWatch::Inflict(const std::string& id) {
  const AlertFault& fault = AlertFaultOf(id);
  run_.Step(fault.what);
  faults_.push_back({.fault = fault, .inflicted = WallNow()});
}

void AlertWatch::Await(const std::string& id, const std::function<void()>& meanwhile) {
  const InflictedFault& inflicted = Find(id);
  const auto have_fired = [&] {
    if (meanwhile) meanwhile();
    return HaveFired(inflicted.fault.must, inflicted.inflicted);
  };
  Expect(have_fired, Patience(),
         inflicted.fault.what + ": not all of " + Join(inflicted.fault.must) + " fire");
}

void AlertWatch::Heal(const std::string& id) { Find(id).healed = WallNow(); }

void AlertWatch::Settle(const std::string& id) {
  InflictedFault& fault = Find(id);
  if (!BecomesQuiet(fault, Patience())) {
    run_.Fail(fault.fault.what +
              ": undone, but its alerts still fire: " + Join(prometheus_.AlertNames(kFiring)));
  }
  fault.settled = WallNow();
}

void AlertWatch::AwaitQuiet(const std::string& id, seconds limit) {
  (void)BecomesQuiet(Find(id), limit);
}

bool AlertWatch::BecomesQuiet(const InflictedFault& fault, seconds limit) {
  const auto is_quiet = [&] {
    require_all_();
    return IsQuiet(fault);
  };
  return tests::WaitUntil(is_quiet, limit, milliseconds(200));
}

void AlertWatch::Expect(const std::function<bool()>& condition, seconds limit,
                        const std::string& what) {
  const auto holds = [&] {
    require_all_();
    return condition();
  };
  if (!tests::WaitUntil(holds, limit, milliseconds(200))) run_.Fail(what);
}

void AlertWatch::RestUntil(WallTime time) {
  const auto limit = std::max(seconds(0), std::chrono::ceil<seconds>(time - WallNow()));
  Expect([&] { return WallNow() >= time; }, limit + seconds(60), "the clock stands still");
}

std::string AlertWatch::JudgeHealth() {
  const std::string fired = Join(prometheus_.AlertNames(FiredSince(begun_ + seconds(2))));
  run_.FailIf(!fired.empty(), "healthy, but these fired: " + fired);
  // A broker that pauses for 2 s on a busy machine: 1 % of a 10 s window, but not of a 5 min
  // window.
  const std::string excused = run_.options().scale == 1 ? "none" : "KafkaAcksAreSlow";
  const std::string pending =
      Join(prometheus_.AlertNames("ALERTS{alertname!=\"" + excused + "\"}"));
  run_.FailIf(!pending.empty(), "healthy, but pending or firing: " + pending);
  const auto errors = prometheus_.RuleErrors();
  run_.FailIf(!errors.empty(), "a rule cannot be evaluated: " + Join(errors));
  return pending;
}

AlertFindings AlertWatch::Findings(AlertNames alerts) const {
  const bool is_shrunk = run_.options().scale > 1;
  const milliseconds step = is_shrunk ? milliseconds(500) : seconds(15);
  AlertFindings findings{.alerts = std::move(alerts),
                         .faults = faults_,
                         .episodes = {},
                         .begun = begun_,
                         .scale = run_.options().scale};
  for (const auto& [alert, fired] : prometheus_.FiredBetween(begun_, WallNow(), step)) {
    const auto episodes = EpisodesOf(alert, fired, step);
    findings.episodes.insert(findings.episodes.end(), episodes.begin(), episodes.end());
  }
  return findings;
}

InflictedFault& AlertWatch::Find(const std::string& id) {
  const auto found = std::ranges::find(faults_, id, [](const auto& one) { return one.fault.id; });
  if (found == faults_.end()) throw std::logic_error(id + " was not inflicted");
  return *found;
}

/// Not below the five minutes for which consumer shows a clock skew, at every scale.
seconds AlertWatch::Patience() const {
  return seconds(60 + std::max(4500 / run_.options().scale, 330));
}

bool AlertWatch::HaveFired(const AlertNames& alerts, WallTime since) const {
  const auto fired = prometheus_.AlertNames(FiredSince(since));
  return std::ranges::all_of(alerts, [&](const auto& alert) { return fired.contains(alert); });
}

/// True if none of its alerts fires, unless another unsettled fault explains it.
bool AlertWatch::IsQuiet(const InflictedFault& fault) const {
  const auto is_of_another = [&](const std::string& alert) {
    return std::ranges::any_of(faults_, [&](const InflictedFault& other) {
      return &other != &fault && !other.settled && other.fault.Concerns(alert);
    });
  };
  return std::ranges::none_of(prometheus_.AlertNames(kFiring), [&](const std::string& alert) {
    return fault.fault.Concerns(alert) && !is_of_another(alert);
  });
}

}  // namespace soak
