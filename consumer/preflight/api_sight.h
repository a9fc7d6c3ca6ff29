#pragma once

#include <optional>
#include <string>

#include "common/base/rfc3339.h"
#include "common/preflight/report.h"
#include "consumer/fetch/attempt_result.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/fetch/fetch_settings.h"
#include "consumer/fetch/http_transport.h"

namespace consumer {

/// A reply and the time at which it had arrived.
struct TimedReply {
  HttpReply reply;
  common::WallTime received;
};

/// The answers of the token endpoint and the API.
struct ApiSight {
  std::string section = "assure";  ///< Of the configuration: where its client stands.
  std::string token_url;
  std::string url;  ///< Of the resource that was asked for.
  Resource resource = Resource::kProcess;
  FetchJob job = {};  ///< Nobody has its ids.
  IdRule ids = IdRule::kRequired;
  TimedReply token = {};
  bool has_token = false;
  std::optional<TimedReply> answer = {};  ///< Empty without a token.
};

/// The lines tls, token, api and clock.
///
///   token  200 with a token is well; any other answer is wrong, but 408, 425, 429 and 5xx, which
///          leave it unasked
///   api    404 and 410 in the API's form of an error are well, and so is 200 with a document that
///          names the ids; 401, 403, a redirect, a page, and 200 with anything else are wrong; 404
///          and 410 in another form, and 200 without ids where the rule allows that, are a warning;
///          another status says nothing of the client's rights
///   clock  the API's Date, or else that of the token endpoint
///
/// No answer, and a connection that is cut off, leave a line unasked; a refused certificate and a
/// handshake that fails otherwise are wrong.
void JudgeApi(const ApiSight& sight, common::preflight::Report& report);

}  // namespace consumer
