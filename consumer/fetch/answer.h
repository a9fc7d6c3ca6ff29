#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/json/api_answer.h"
#include "common/json/redact.h"
#include "consumer/fetch/attempt_result.h"
#include "consumer/fetch/http_transport.h"
#include "consumer/fetch/question.h"
#include "consumer/policy/reaction.h"

namespace consumer {

/// The setting `redact`, sorted by resource.
class Redaction {
 public:
  /// Pointers that are none, or start neither at /process nor at /dossier, are ignored: the
  /// configuration refuses them.
  explicit Redaction(const std::vector<std::string>& pointers);

  [[nodiscard]] const std::vector<common::json::Pointer>& Of(Resource resource) const {
    return resource == Resource::kProcess ? process_ : dossier_;
  }

 private:
  std::vector<common::json::Pointer> process_;
  std::vector<common::json::Pointer> dossier_;
};

/// How the replies of the API are read.
struct AnswerRules {
  Redaction redaction;
  IdRule ids = IdRule::kRequired;
};

/// A reply for a process or a dossier, read.
struct Answer {
  Reaction reaction = Reaction::kRetry;
  HostVerdict host = HostVerdict::kAtFault;
  /// The JSON object as it came, less what is redacted; empty if there is none.
  std::string body;
  std::string trace_id;  ///< Of an error body; empty: none.
  /// What the reply counts as: its own status, or 401 for a 400 that says that of the token.
  int status = 0;
};

/// `must_be_final`: a process that is not finished yet is awaited. The body is taken from the reply
/// where it can be had without a copy.
[[nodiscard]] Answer ReadAnswer(HttpReply& reply, const Question& question, bool must_be_final,
                                const AnswerRules& rules);

/// What a 4xx or 5xx asks for, if it can be read. A date counts from the answer's own `Date`, so
/// that no clock but the host's matters; without one, from `now`.
[[nodiscard]] std::optional<std::chrono::milliseconds> RetryAfterOf(const HttpReply& reply,
                                                                    common::WallTime now);

/// A reply of the token endpoint, read.
struct TokenAnswer {
  Reaction reaction = Reaction::kRetry;            ///< For the metric.
  std::optional<common::json::TokenAnswer> token;  ///< None: refused, or not usable.
};

[[nodiscard]] TokenAnswer ReadToken(const HttpReply& reply);

}  // namespace consumer
