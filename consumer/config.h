#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/account_settings.h"
#include "common/config/address.h"
#include "common/config/environment.h"
#include "common/config/expected_settings.h"
#include "common/config/kafka_settings.h"
#include "common/config/problem.h"
#include "common/domain/provider_rules.h"
#include "common/domain/topics.h"
#include "common/tracing/tracing_settings.h"
#include "consumer/fetch/account.h"
#include "consumer/fetch/fetch_settings.h"

namespace consumer {

/// The validated contents of consumer.yaml, with the documented defaults.
struct Config {
  common::config::Address admin{"127.0.0.1", 9101};
  std::string group = "sluice";
  std::string instance;  ///< The host's name by default.
  int lanes = 1;
  common::config::KafkaProperties kafka;
  common::TopicNames topics;
  std::chrono::milliseconds commit_interval{500};
  FetchSettings fetch;  ///< For the whole instance, with the client of `assure`.
  std::string ca_file;  ///< Of that client. Empty: the system's certificates.
  /// The first is that of `assure`; without `accounts:` the only one.
  std::vector<common::config::Account> accounts;
  AccountsOfRows accounts_of_rows;
  int max_pending = 50'000;  ///< Callbacks in hand, per lane.
  /// None: announced processes are not watched.
  std::optional<common::ExpectedSettings> expected;
  std::optional<common::tracing::TracingSettings> tracing;  ///< None: no traces.
  /// With `expected`, no window is shorter than its reach().
  common::ProviderTable providers;
};

struct ConfigReading {
  Config config;
  common::config::Problems problems;  ///< All mistakes; empty: `config` is valid.
  common::config::Problems doubts;    ///< Valid settings that look like mistakes.
};

/// `check_kafka` asks librdkafka whether it accepts a property. `host_name`: the default of
/// `instance`.
[[nodiscard]] ConfigReading ReadConfig(std::string_view yaml,
                                       const common::config::Environment& environment,
                                       const common::config::CheckKafkaProperty& check_kafka,
                                       const std::string& host_name = common::config::HostName());

/// The share of one of `lanes` lanes in the settings of the instance.
[[nodiscard]] FetchSettings ShareOf(const FetchSettings& instance, int lanes);
/// The settings of the instance for one account: its own client and bounds.
[[nodiscard]] FetchSettings SettingsOf(const Config& config, AccountIndex account);

}  // namespace consumer
