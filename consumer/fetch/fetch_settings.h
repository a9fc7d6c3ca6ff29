#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/base/backoff.h"

namespace consumer {

/// Whether an answer must name the requested ids: the setting `ids`.
enum class IdRule {
  kRequired,   ///< A missing id is as wrong as a different one.
  kIfPresent,  ///< Only a different id is wrong.
};

/// The form of the fetched documents in a result: the setting `publish`.
enum class PublishMode {
  kFull,       ///< The documents themselves, as `keep` and `redact` leave them.
  kReference,  ///< Their SHA-256 and size.
};

/// The settings `assure` or of one of `accounts`, `fetch` and `publish` of consumer.yaml for ONE
/// scheduler. The caller divides `max_in_flight` and `rate_limit` of the instance among its lanes.
struct FetchSettings {
  std::string base_url;  ///< With or without a trailing slash.
  std::string token_url;
  std::string client_id;
  std::string client_secret;
  std::string scope;  ///< Empty: the request names none.

  bool wants_process = true;
  bool wants_dossier = true;  ///< At least one of both.

  std::chrono::milliseconds timeout{10'000};  ///< Of one attempt.
  int max_in_flight = 256;
  std::chrono::milliseconds max_age{std::chrono::hours(6)};
  std::chrono::milliseconds not_found_for{std::chrono::minutes(10)};
  common::Backoff backoff;
  /// Gives up as too old only a callback that fails while the host answers others. For an account
  /// among several, which may have so few callbacks that its breaker opens late.
  bool needs_witness = false;
  double rate_limit = 0;  ///< Requests per second to the API, without token requests; 0: no limit.
  int breaker_failures = 20;
  std::chrono::milliseconds breaker_probe_every{10'000};
  std::size_t max_response = 4UL * 1024 * 1024;
  IdRule ids = IdRule::kRequired;
  PublishMode publish = PublishMode::kFull;
  /// JSON pointers that start at /process or /dossier; only these values are published. None:
  /// everything.
  std::optional<std::vector<std::string>> keep;
  /// The same kind of pointers; these values are removed from what is left.
  std::vector<std::string> redact;

  /// Bound on the process bodies, of all jobs, kept while their dossier waits for another attempt.
  /// Beyond it a body is dropped and fetched again with the dossier.
  std::size_t max_held_bytes = 64UL * 1024 * 1024;
};

}  // namespace consumer
