#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/rfc3339.h"
#include "common/callback/callback_facts.h"
#include "common/domain/fetch_effort.h"
#include "common/domain/record_headers.h"
#include "common/domain/record_position.h"

namespace consumer {

// Record on processes:
//   key     := processId                 ; normalised
//   value   := {"provider":…,"dossierId":…,"processId":…,"status":…|null,
//               "callback":{"receivedAt":…|null,"partition":…,"offset":…},
//               "process":{…}|null,"dossier":{…}|null,"fetchedAt":…}
// of an event that is published itself (`fetch: none`):
//   key     := that of its record on callbacks
//   value   := {"provider":…,"dossierId":…|null,"processId":…|null,"status":…|null,"eventId":…|null,
//               "callback":{…},"event":{…},"process":null,"dossier":null,"fetchedAt":null}
// of a process whose callback has not come (reconciled):
//   key     := processId
//   value   := {"provider":…,"dossierId":…,"processId":…,"status":…,"callback":null,
//               "process":{…}|null,"dossier":{…}|null,"fetchedAt":…}
//   headers := "provider" and "reconciled" "1" beside those below
//
//   headers := ["provider"] ["received-at"] ["request-id"] ["traceparent"]   ; as on the callback; with
//              ["tracestate"]                              ; tracing, traceparent names the result
//              "schema" ( "1" | "2" )                      ; 2: of an event that is published itself
//              "attempts" decimal ["fetch-ms" decimal]     ; of the fetch
//              "instance" … "transaction" …                ; see transaction_numbers.h
//   partition := the source record's

struct ResultRecord {
  std::string key;
  std::string value;
  common::RecordHeaders headers;
};

/// The API's part of a result: JSON texts, embedded unchanged. None becomes null.
struct FetchedParts {
  std::optional<std::string_view> process;
  std::optional<std::string_view> dossier;
  common::WallTime fetched_at{};
  common::FetchEffort effort = {};
};

/// `event`: JSON in its published form. `key` and `headers`: of the event's record.
[[nodiscard]] ResultRecord MakeEventResult(const common::CallbackFacts& facts,
                                           const std::string& key,
                                           const common::RecordHeaders& headers,
                                           const common::RecordPosition& position,
                                           std::string_view event);

/// A result without a callback. All ids are normalised.
struct ReconciledFacts {
  std::string_view provider;  ///< The row's name.
  std::string_view dossier;
  std::string_view process;
  std::string_view status;  ///< The API's.
};
[[nodiscard]] ResultRecord MakeReconciledResult(const ReconciledFacts& facts,
                                                const FetchedParts& parts);

/// Precondition: facts.is_readable. `headers`: of the callback.
[[nodiscard]] ResultRecord MakeResult(const common::CallbackFacts& facts,
                                      const common::RecordHeaders& headers,
                                      const common::RecordPosition& position,
                                      const FetchedParts& parts);

}  // namespace consumer
