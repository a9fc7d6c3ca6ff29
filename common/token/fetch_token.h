#pragma once

#include <chrono>
#include <string>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/token/token_settings.h"

namespace common::token {

/// A token and how long it is valid, from before it was asked for.
struct Token {
  std::string value;
  std::chrono::system_clock::time_point valid_until;
};

/// Asks the token server once.
///
/// Threads: any. Blocks until the deadline at most.
/// Errors: "no_token": kRetry if the server does not answer or says that it cannot now (408, 429,
///         5xx), else kReject. The detail has the server, its status and its `error` (RFC 6749,
///         5.2), never a secret.
[[nodiscard]] Result<Token> FetchToken(const TokenSettings& settings, Deadline deadline);

}  // namespace common::token
