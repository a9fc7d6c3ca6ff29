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

/// How the simulated Assure API behaves. The text form is one JSON object; BehaviourHelp() says
/// what each key means.
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
  std::string content_encoding{};  ///< What is said of bodies; they are never coded.
  int token_status = 200;

  friend bool operator==(const Behaviour&, const Behaviour&) = default;
};

/// For people at a terminal.
[[nodiscard]] std::string_view BehaviourHelp();

/// The whole behaviour: keys left out have their defaults.
/// Errors: kReject; the detail names the first key that is unknown or has a wrong value.
common::Result<Behaviour> ParseBehaviour(std::string_view json);

/// From command line options without their dashes, such as {"latency-ms", "20"}. A value is JSON,
/// or a plain word; `missing` may also be ids separated by commas.
common::Result<Behaviour> BehaviourFromOptions(
    const std::vector<std::pair<std::string, std::string>>& options);

/// The options that BehaviourFromOptions knows. Literals.
[[nodiscard]] std::vector<std::string_view> BehaviourOptionNames();

/// Every key with its value; ParseBehaviour reads it back.
[[nodiscard]] std::string ToJson(const Behaviour& behaviour);

}  // namespace simulator
