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
//   headers := ["provider"] ["received-at"] ["request-id"] ["traceparent"]   ; as on the callback
//              "schema" "1" "attempts" decimal ["fetch-ms" decimal] ; of the fetch
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

/// Precondition: facts.is_readable. `headers`: of the callback.
[[nodiscard]] ResultRecord MakeResult(const common::CallbackFacts& facts,
                                      const common::RecordHeaders& headers,
                                      const common::RecordPosition& position,
                                      const FetchedParts& parts);

}  // namespace consumer
