#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "common/base/backoff.h"

namespace consumer {

/// Whether an answer must name what was asked for: the setting `ids`.
enum class IdRule {
  kRequired,   ///< One that is missing is as wrong as one that differs.
  kIfPresent,  ///< Only one that differs is wrong.
};

/// The parts `assure` and `fetch` of consumer.yaml, for ONE scheduler: `max_in_flight` and
/// `rate_limit` are given per instance and divided among the lanes by who builds them.
struct FetchSettings {
  std::string base_url;  ///< With or without a trailing slash.
  std::string token_url;
  std::string client_id;
  std::string client_secret;
  std::string scope;  ///< Empty: none is asked for.

  bool wants_process = true;
  bool wants_dossier = true;  ///< At least one of both.

  std::chrono::milliseconds timeout{10'000};  ///< Of one attempt.
  int max_in_flight = 256;
  std::chrono::milliseconds max_age{std::chrono::hours(6)};
  std::chrono::milliseconds not_found_for{std::chrono::minutes(10)};
  common::Backoff backoff;
  double rate_limit = 0;  ///< Requests per second to the API, tokens not counted; 0: none.
  int breaker_failures = 20;
  std::chrono::milliseconds breaker_probe_every{10'000};
  std::size_t max_response = 4UL * 1024 * 1024;
  IdRule ids = IdRule::kRequired;
  /// JSON pointers that start at /process or /dossier; what they name is removed.
  std::vector<std::string> redact;

  /// Process bodies kept while their dossier waits for another attempt, all jobs together. Beyond
  /// it a body is dropped, and the process fetched again with the dossier.
  std::size_t max_held_bytes = 64UL * 1024 * 1024;
};

}  // namespace consumer
