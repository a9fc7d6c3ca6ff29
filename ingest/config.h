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
#include "common/tracing/tracing_settings.h"
#include "ingest/credentials.h"
#include "ingest/expected_config.h"
#include "ingest/policy/authenticity.h"
#include "ingest/policy/batching.h"
#include "ingest/policy/shedding.h"

namespace ingest {

struct SpoolConfig {
  std::string path{};
  std::size_t max_bytes = 1024ULL * 1024 * 1024;
  std::size_t min_free_disk = 512ULL * 1024 * 1024;
};

/// Leaves a margin for the granularity of the server's timers: the answer still goes out within 9
/// s.
inline constexpr std::chrono::milliseconds kLongestAnswerDeadline{8'900};

/// ingest.yaml, completely read and validated.
struct Config {
  common::config::Address listen{"0.0.0.0", 8080};
  common::config::Address admin{"127.0.0.1", 9100};
  int threads = 2;
  std::string path_prefix{common::kCallbackPathPrefix};  ///< Without a trailing "/".
  std::chrono::milliseconds ack_deadline{4'000};
  std::chrono::milliseconds answer_deadline{8'500};
  std::chrono::milliseconds drain_delay{3'000};
  MaxDelay max_batch_delay;  ///< `batch.max_delay`.
  std::size_t max_body = 1024ULL * 1024;
  std::size_t max_head = 16ULL * 1024;
  int max_in_flight = 20'000;
  std::size_t max_in_flight_bytes = 256ULL * 1024 * 1024;
  common::config::KafkaProperties kafka;
  common::TopicNames topics;
  std::optional<SpoolConfig> spool;
  std::optional<ExpectedConfig> expected;
  std::optional<common::tracing::TracingSettings> tracing;  ///< None: no traces.
  std::chrono::milliseconds header_timeout{5'000};
  std::chrono::milliseconds body_timeout{5'000};
  std::chrono::milliseconds idle_timeout{75'000};
  int max_connections = 10'000;
  common::ProviderTable providers;
  std::vector<CredentialSource> credential_sources;  ///< One per row of `providers`.
  std::vector<Credentials> credentials;              ///< Loaded from the sources.

  [[nodiscard]] LoadBounds load_bounds() const {
    return {.max_requests = static_cast<std::size_t>(max_in_flight),
            .max_bytes = max_in_flight_bytes};
  }
};

struct ConfigReading {
  Config config;
  common::config::Problems problems;  ///< All mistakes. If empty, `config` is valid.
  common::config::Problems doubts;    ///< Valid settings that look like mistakes.
};

/// `check_kafka` asks librdkafka whether a property is valid.
[[nodiscard]] ConfigReading ReadConfig(std::string_view yaml,
                                       const common::config::Environment& environment,
                                       const common::config::CheckKafkaProperty& check_kafka);

/// Checks what this machine lacks: the spool's folder.
[[nodiscard]] common::config::Problems FindMissing(const Config& config);

}  // namespace ingest
