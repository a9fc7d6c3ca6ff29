#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace simulator {

enum class BodyKind { kNormal, kGarbage, kHuge, kPage, kForeign };

/// The behaviour of the simulated Assure API. Its text form is one JSON object; BehaviourHelp()
/// explains each key.
struct Behaviour {
  std::chrono::milliseconds latency{0};
  double error_rate = 0;
  int status = 500;
  std::chrono::seconds retry_after{0};
  bool down = false;
  std::chrono::milliseconds pending_for{0};
  double missing_rate = 0;
  std::set<std::string, std::less<>> missing_ids{};
  std::map<std::string, int, std::less<>> status_of{};  ///< By id.
  BodyKind body = BodyKind::kNormal;
  std::string content_encoding{};  ///< The claimed encoding; bodies are never encoded.
  int token_status = 200;

  friend bool operator==(const Behaviour&, const Behaviour&) = default;
};

[[nodiscard]] std::string_view BehaviourHelp();

/// Parses a whole behaviour: missing keys have their defaults.
/// Errors: kReject; the detail names the first unknown key or invalid value.
common::Result<Behaviour> ParseBehaviour(std::string_view json);

/// Parses command line options without dashes, such as {"latency-ms", "20"}. A value is JSON or a
/// plain word; that of `missing` may also be comma-separated ids.
common::Result<Behaviour> BehaviourFromOptions(
    const std::vector<std::pair<std::string, std::string>>& options);

/// The names that BehaviourFromOptions accepts; literals.
[[nodiscard]] std::vector<std::string_view> BehaviourOptionNames();

/// Every key with its value. The inverse of ParseBehaviour.
[[nodiscard]] std::string ToJson(const Behaviour& behaviour);

}  // namespace simulator
