#include "tests/simulation/world/lane_host.h"

#include <utility>

#include "tests/simulation/world/limits.h"

namespace simulation {
namespace {

consumer::ClientSettings SettingsOf(const std::string& instance) {
  return {.properties = {}, .topics = {}, .group = "sluice", .instance = instance};
}

consumer::FetchSettings FetchesOf() {
  consumer::FetchSettings settings;
  settings.base_url = "https://api/assure";
  settings.token_url = "https://api/token";
  settings.client_id = "id";
  settings.client_secret = "secret";
  settings.max_in_flight = kMostInFlight;
  settings.max_age = std::chrono::minutes(4);
  settings.not_found_for = std::chrono::seconds(20);
  settings.backoff = {std::chrono::milliseconds(200), std::chrono::milliseconds(5'000)};
  settings.breaker_failures = 8;
  return settings;
}

std::unique_ptr<consumer::KafkaAnnouncements> AnnouncementsOf(const LaneHost::Dependencies& from,
                                                              const std::string& instance) {
  if (!from.watches_expected) return nullptr;
  return *consumer::KafkaAnnouncements::Create(SettingsOf(instance), ExpectedOf().reach(),
                                               from.providers, from.log,
                                               consumer::KafkaAnnouncements::Timing());
}

std::function<double()> UnitRandom(std::uint64_t seed) {
  return [random = Random(seed)]() mutable { return random.Unit(); };
}

consumer::LaneSettings LaneSettingsOf(bool watches_expected) {
  consumer::LaneSettings settings;
  settings.callbacks_topic = common::TopicNames().callbacks;
  settings.commit.batch.records = kMostInBatch;
  settings.intake.pending = kMostPending;
  if (watches_expected) {
    settings.expected = {.expected = ExpectedOf(), .not_found_for = FetchesOf().not_found_for};
  }
  return settings;
}

}  // namespace

LaneHost::LaneHost(const Dependencies& from, const std::string& instance)
    : runtime_(from.runtime),
      signals_(from.judge, from.host, [this] { return source_.member(); }),
      source_(from.host, instance, [this] { Wake(); }),
      restorer_(*consumer::KafkaRestorer::Create(SettingsOf(instance), from.providers.DedupReach(),
                                                 from.log)),
      announcements_(AnnouncementsOf(from, instance)),
      committer_(SettingsOf(instance), from.log),
      transport_(from.runtime, from.host, from.api, [this] { Wake(); }),
      scheduler_(FetchesOf(), transport_, signals_,
                 {.wall_now = common::WallNow, .unit_random = UnitRandom(from.seed)}),
      fetcher_(scheduler_),
      lane_(LaneSettingsOf(from.watches_expected), from.providers,
            {source_, committer_, *restorer_, fetcher_, signals_, announcements_.get(),
             UnitRandom(from.seed)}) {}

void LaneHost::Run() {
  fiber_ = runtime_.fiber();
  const auto failure = consumer::RunLane(
      lane_, [this](std::chrono::milliseconds timeout) { Wait(timeout); }, [] { return false; },
      status_, stop_.get_token());
  has_failed_ = failure.has_value();
}

void LaneHost::Wake() {
  is_woken_ = true;
  runtime_.WakeAll(&is_woken_);
}

void LaneHost::Wait(std::chrono::milliseconds timeout) {
  const Time until = runtime_.now() + std::max(timeout, std::chrono::milliseconds(1));
  while (!is_woken_ && runtime_.now() < until) runtime_.Block(&is_woken_, until);
  is_woken_ = false;
}

}  // namespace simulation
