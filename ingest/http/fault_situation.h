#pragma once

#include <cstdint>

#include "common/http/message.h"
#include "common/http/service.h"
#include "ingest/policy/answer.h"

namespace ingest {

/// The situation of a fault that the server found.
[[nodiscard]] Situation SituationOf(common::http::HttpFault fault);

//  note := 1 + situation      ; 0: no endpoint made the answer
[[nodiscard]] std::uint32_t NoteOf(Situation situation);
/// Returns the situation that an answer reports.
[[nodiscard]] Situation SituationOf(const common::http::AnswerReport& report);

}  // namespace ingest
