#include "consumer/lane_unit.h"

#include <poll.h>

#include <algorithm>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/tracing/sampler.h"
#include "common/tracing/trace_context.h"
#include "consumer/http/origin.h"

namespace consumer {
namespace {

using std::chrono::seconds;

/// A revocation may block a loop for its last commit, a seek for a second.
constexpr seconds kLongestTurn{30};
/// A transaction takes at most 15 s, a look-up 3 s.
constexpr seconds kLongestCall{60};

/// Announced processes that may be outstanding: 300 MB at most.
constexpr std::size_t kMostExpected = 2'000'000;

ClientSettings ClientSettingsOf(const Config& config, std::size_t index) {
  return {.properties = config.kafka,
          .topics = config.topics,
          .group = config.group,
          .instance = config.instance + "-" + std::to_string(index)};
}

LaneSettings LaneSettingsOf(const Config& config) {
  LaneSettings settings;
  settings.callbacks_topic = config.topics.callbacks;
  settings.publish = config.fetch.publish;
  settings.commit.interval = config.commit_interval;
  settings.intake.pending = static_cast<std::size_t>(config.max_pending);
  settings.accounts = config.accounts_of_rows;
  // A callback has two requests.
  settings.others_have = std::max(settings.others_have, 2 * config.fetch.timeout);
  if (config.expected) {
    settings.expected = {.expected = *config.expected,
                         .not_found_for = config.fetch.not_found_for,
                         .most = kMostExpected / static_cast<std::size_t>(config.lanes)};
    settings.expected->expected.rate /= config.lanes;
  }
  return settings;
}

CurlSettings CurlSettingsOf(const Config& config) {
  CurlSettings settings;
  settings.ca_file = config.ca_file;
  settings.max_connections = 0;
  for (AccountIndex account = 0; account < config.accounts.size(); ++account) {
    const FetchSettings own = ShareOf(SettingsOf(config, account), config.lanes);
    settings.max_connections += static_cast<std::size_t>(own.max_in_flight);
    if (account > 0) settings.more_ca_files.push_back(config.accounts[account].client.ca_file);
  }
  const std::size_t shares =
      static_cast<std::size_t>(config.lanes) * std::max<std::size_t>(config.accounts.size(), 1);
  settings.max_bytes = std::max(settings.max_bytes / shares, 2 * config.fetch.max_response);
  return settings;
}

std::vector<std::string> ApiHostsOf(const Config& config) {
  std::vector<std::string> hosts;
  for (const common::config::Account& account : config.accounts) {
    hosts.push_back(HostOf(account.client.base_url));
  }
  return hosts;
}

std::function<double()> UnitRandom() {
  return [engine = std::mt19937_64(std::random_device()()),
          distribution = std::uniform_real_distribution<double>(0, 1)]() mutable {
    return distribution(engine);
  };
}

std::optional<LaneTraces> TracesOf(const Config& config, std::size_t index,
                                   common::tracing::SpanSink* spans) {
  if (spans == nullptr || !config.tracing) return std::nullopt;
  using common::tracing::Sampler;
  return std::optional<LaneTraces>(
      std::in_place,
      LaneTraces::Settings{
          .sampler = Sampler(config.tracing->ratio, config.tracing->follows_parent),
          .slower_than = config.tracing->slower_than,
          .topics = config.topics,
          .group = config.group,
          .client = ClientSettingsOf(config, index).instance,
          .api_hosts = ApiHostsOf(config)},
      config.providers, *spans,
      LaneTraces::Injected{.seed = common::tracing::RandomSeed(),
                           .now = std::chrono::system_clock::now});
}

void WaitForAny(std::span<const int> fds, std::chrono::milliseconds timeout) {
  std::vector<pollfd> polled;
  for (const int fd : fds) polled.push_back({fd, POLLIN, 0});
  ::poll(polled.data(), polled.size(), static_cast<int>(timeout.count()));
}

}  // namespace

common::Result<std::unique_ptr<LaneUnit>> LaneUnit::Create(const Config& config, std::size_t index,
                                                           Events& events,
                                                           const common::Logger& log,
                                                           common::tracing::SpanSink* spans,
                                                           const Failed& failed) {
  const auto fail = [&](const common::Error& error) {
    failed(error);
    return error;
  };
  const ClientSettings settings = ClientSettingsOf(config, index);
  auto restorer = KafkaRestorer::Create(settings, config.providers.DedupReach(), log);
  if (!restorer) return fail(restorer.error());
  // Checks the producer's configuration now, so that an invalid one ends the process at its start.
  auto producer = TransactionalProducer::Create(settings, log);
  if (!producer) return fail(producer.error());
  std::unique_ptr<KafkaAnnouncements> announcements;
  if (config.expected) {
    auto created = KafkaAnnouncements::Create(settings, config.expected->reach(), config.providers,
                                              log, KafkaAnnouncements::Timing());
    if (!created) return fail(created.error());
    announcements = *std::move(created);
  }
  auto source = SourceConsumer::Create(settings, log);
  if (!source) return fail(source.error());
  std::unique_ptr<LaneUnit> lane(new LaneUnit(config, index, events, log, *std::move(source),
                                              *std::move(restorer), std::move(announcements),
                                              spans));
  lane->retirement_.Retire(*std::move(producer));
  return lane;
}

LaneUnit::LaneUnit(const Config& config, std::size_t index, Events& events,
                   const common::Logger& log, std::unique_ptr<SourceConsumer> source,
                   std::unique_ptr<KafkaRestorer> restorer,
                   std::unique_ptr<KafkaAnnouncements> announcements,
                   common::tracing::SpanSink* spans)
    : fetch_timeout_(config.fetch.timeout),
      reporter_(events, index),
      traces_(TracesOf(config, index, spans)),
      source_(std::move(source)),
      restorer_(std::move(restorer)),
      announcements_(std::move(announcements)),
      committer_(ClientSettingsOf(config, index), log),
      transport_(CurlSettingsOf(config)),
      shared_transport_(transport_, config.accounts.size()),
      accounts_(MakeAccounts(config)),
      fetcher_(Schedulers()),
      lane_(LaneSettingsOf(config), config.providers,
            {*source_, committer_, *restorer_, fetcher_, reporter_, announcements_.get(),
             UnitRandom(), traces_ ? &*traces_ : nullptr}) {}

std::vector<std::unique_ptr<LaneUnit::AccountFetching>> LaneUnit::MakeAccounts(
    const Config& config) {
  std::vector<std::unique_ptr<AccountFetching>> accounts;
  for (AccountIndex account = 0; account < config.accounts.size(); ++account) {
    accounts.push_back(std::make_unique<AccountFetching>(
        AccountReporter(reporter_, account), ShareOf(SettingsOf(config, account), config.lanes),
        shared_transport_.Of(account),
        FetchScheduler::Injected{.wall_now = common::WallNow,
                                 .unit_random = UnitRandom(),
                                 .traces = traces_ ? &*traces_ : nullptr}));
  }
  return accounts;
}

std::vector<FetchScheduler*> LaneUnit::Schedulers() const {
  std::vector<FetchScheduler*> schedulers;
  for (const auto& account : accounts_) schedulers.push_back(&account->scheduler);
  return schedulers;
}

void LaneUnit::ReplaceSecret(AccountIndex account, std::string secret) {
  new_secrets_.With([&](auto& secrets) { secrets[account] = std::move(secret); });
}

void LaneUnit::TakeNewSecrets() {
  auto secrets = new_secrets_.With([](auto& waiting) { return std::exchange(waiting, {}); });
  for (auto& [account, secret] : secrets) {
    accounts_.at(account)->scheduler.ReplaceSecret(std::move(secret));
  }
}

std::optional<std::string_view> LaneUnit::FindStalledPart(Pulse::Clock::time_point now) const {
  if (!status_.pulse().IsAlive(now, kLongestTurn)) return "the loop of a lane makes no progress";
  if (!committer_.pulse().IsAlive(now, kLongestCall)) return "a committer makes no progress";
  if (!restorer_->pulse().IsAlive(now, kLongestCall)) return "a restorer makes no progress";
  if (announcements_ && !announcements_->pulse().IsAlive(now, kLongestCall)) {
    return "a reader of announcements makes no progress";
  }
  if (!reporter_.fetch_pulse().IsAlive(now, fetch_timeout_ + kLongestCall)) {
    return "fetches do not end";
  }
  return std::nullopt;
}

void LaneUnit::Start(Hooks hooks) {
  thread_ = std::jthread([this, hooks = std::move(hooks)] {
    std::vector<int> fds = {source_->fd(), committer_.fd(), restorer_->fd(), hooks.stop_fd};
    if (announcements_) fds.push_back(announcements_->fd());
    const auto wait = [&](std::chrono::milliseconds timeout) {
      TakeNewSecrets();
      if (lane_.TakesResults()) return transport_.Wait(fds, timeout);
      reporter_.ResultsWait();
      // The transport does not wait while its replies are not collected.
      WaitForAny(fds, timeout);
      transport_.Wait(fds, std::chrono::milliseconds(0));
    };
    const auto failure = RunLane(lane_, wait, hooks.is_intake_held, status_, hooks.stop);
    if (failure) hooks.failed(*failure);
  });
}

}  // namespace consumer
