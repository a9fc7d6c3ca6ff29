#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.h"
#include "common/base/result.h"
#include "ops/ctl/shell/arguments.h"

namespace ctl {

struct ApiRequest {
  Arguments query;
  std::string body;
};

/// A route's answer after its stop.
[[nodiscard]] inline common::Error TooLate() {
  return {common::Remedy::kRetry, "too_late",
          "there was no answer within a minute: choose a shorter time range, or use the command"};
}

/// Something that the page asks for.
struct ApiRoute {
  std::string_view method;
  std::string_view path;
  std::vector<std::string_view> parameters;  ///< Of the query.
  /// Returns JSON. Called on a thread of its own, several calls at a time; the stop comes when it
  /// takes too long. A kReject, kRetry or other error is answered 400, 503 or 502.
  std::function<common::Result<std::string>(const ApiRequest& request, const std::stop_token& stop)>
      answer;
  std::string_view required_option = {};  ///< Of `serve`; empty: none is needed.
  /// True if it neither waits nor reads much. It is then answered at once, on the server's thread,
  /// also while as many answers are being prepared as may.
  bool is_immediate = false;
};

}  // namespace ctl
