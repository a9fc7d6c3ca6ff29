#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "common/base/rfc3339.h"
#include "common/json/api_answer.h"
#include "consumer/fetch/attempt_result.h"
#include "consumer/fetch/http_transport.h"
#include "consumer/fetch/published_form.h"
#include "consumer/fetch/question.h"
#include "consumer/policy/reaction.h"

namespace consumer {

/// How to read the replies of the API.
struct AnswerRules {
  PublishedForm form;
  IdRule ids = IdRule::kRequired;
};

/// A parsed reply for a process or dossier.
struct Answer {
  Reaction reaction = Reaction::kRetry;
  HostVerdict host = HostVerdict::kAtFault;
  /// The JSON object in its published form; empty without an object.
  std::string body;
  std::string trace_id;                        ///< From an error body; empty if it has none.
  std::optional<std::string> process_status;   ///< Of a process.
  std::optional<common::WallTime> updated_at;  ///< Of a process.
  /// The effective status: the reply's own, or 401 if a 400 names the token.
  int status = 0;
};

/// `must_be_final`: retry while the process is not finished. Takes the body from the reply if no
/// copy is needed.
[[nodiscard]] Answer ReadAnswer(HttpReply& reply, const Question& question, bool must_be_final,
                                const AnswerRules& rules);

/// True for a page for people, from a proxy, a gateway, or a host under maintenance.
[[nodiscard]] bool IsPage(const HttpReply& reply);
/// The same for a 4xx or 5xx. The API's own errors are JSON objects, or empty; a gateway that knows
/// no way to the API says "404 page not found", as HTML or not.
[[nodiscard]] bool IsErrorPage(const HttpReply& reply);

/// The wait that a 4xx or 5xx requests, if readable. A date counts from the answer's own `Date`, so
/// only the host's clock matters; without `Date`, from `now`.
[[nodiscard]] std::optional<std::chrono::milliseconds> RetryAfterOf(const HttpReply& reply,
                                                                    common::WallTime now);

/// A parsed reply of the token endpoint.
struct TokenAnswer {
  Reaction reaction = Reaction::kRetry;            ///< For the metric.
  std::optional<common::json::TokenAnswer> token;  ///< None: refused or unusable.
};

[[nodiscard]] TokenAnswer ReadToken(const HttpReply& reply);

}  // namespace consumer
