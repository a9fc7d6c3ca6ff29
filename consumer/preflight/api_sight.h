#pragma once

#include <optional>
#include <string>

#include "common/base/rfc3339.h"
#include "common/preflight/report.h"
#include "consumer/fetch/http_transport.h"

namespace consumer {

/// A reply and the time at which it had arrived.
struct TimedReply {
  HttpReply reply;
  common::WallTime received;
};

/// What the token endpoint and the API have answered.
struct ApiSight {
  std::string token_url;
  std::string url;  ///< Of the resource that was asked for; nobody has its ids.
  TimedReply token = {};
  bool has_token = false;
  std::optional<TimedReply> answer = {};  ///< Empty without a token.
};

/// The lines tls, token, api and clock.
///
///   token  200 with a token is well; any other answer is wrong, but 408, 425, 429 and 5xx, which
///          leave it unasked
///   api    404 and 410 in a form other than a page, and 200 with a JSON object, are well; 401, 403,
///          a redirect, a page, and a body that is no JSON are wrong; another status says nothing of
///          the client's rights
///   clock  the API's Date, or else that of the token endpoint
///
/// No answer leaves a line unasked, except that a refused certificate is wrong.
void JudgeApi(const ApiSight& sight, common::preflight::Report& report);

}  // namespace consumer
