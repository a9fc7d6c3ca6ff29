#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/address.h"
#include "common/config/environment.h"
#include "common/config/kafka_settings.h"
#include "common/config/problem.h"
#include "common/domain/callback_url.h"
#include "common/domain/provider_rules.h"
#include "ingest/credentials.h"
#include "ingest/policy/authenticity.h"
#include "ingest/policy/shedding.h"

namespace ingest {

struct SpoolConfig {
  std::string path{};
  std::size_t max_bytes = 1024ULL * 1024 * 1024;
  std::size_t min_free_disk = 512ULL * 1024 * 1024;
};

/// With the grain of the server's timers it stays within 9 s.
inline constexpr std::chrono::milliseconds kLongestAnswerDeadline{8'900};

/// ingest.yaml, whole and checked; the defaults are those of the interface.
struct Config {
  common::config::Address listen{"0.0.0.0", 8080};
  common::config::Address admin{"127.0.0.1", 9100};
  int threads = 2;
  std::string path_prefix{common::kCallbackPathPrefix};  ///< Without "/" at its end.
  std::chrono::milliseconds ack_deadline{4'000};
  std::chrono::milliseconds answer_deadline{8'500};
  std::chrono::milliseconds drain_delay{3'000};
  std::size_t max_body = 1024ULL * 1024;
  std::size_t max_head = 16ULL * 1024;
  int max_in_flight = 20'000;
  std::size_t max_in_flight_bytes = 256ULL * 1024 * 1024;
  common::config::KafkaProperties kafka;
  common::TopicNames topics;
  std::optional<SpoolConfig> spool;
  std::chrono::milliseconds header_timeout{5'000};
  std::chrono::milliseconds body_timeout{5'000};
  std::chrono::milliseconds idle_timeout{75'000};
  int max_connections = 10'000;
  common::ProviderTable providers;
  std::vector<CredentialSource> credential_sources;  ///< One for each row of `providers`.
  std::vector<Credentials> credentials;              ///< What was loaded from them.

  [[nodiscard]] LoadBounds load_bounds() const {
    return {.max_requests = static_cast<std::size_t>(max_in_flight),
            .max_bytes = max_in_flight_bytes};
  }
};

struct ConfigReading {
  Config config;
  common::config::Problems problems;  ///< All mistakes; empty: `config` is good to run with.
};

/// `check_kafka` asks librdkafka whether it takes a property.
[[nodiscard]] ConfigReading ReadConfig(std::string_view yaml,
                                       const common::config::Environment& environment,
                                       const common::config::CheckKafkaProperty& check_kafka);

/// What the configuration names and this machine does not have: the spool's folder.
[[nodiscard]] common::config::Problems FindMissing(const Config& config);

}  // namespace ingest
