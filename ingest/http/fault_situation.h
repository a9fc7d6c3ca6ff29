#pragma once

#include <cstdint>

#include "common/http/message.h"
#include "common/http/service.h"
#include "ingest/policy/answer.h"

namespace ingest {

/// The situation of a fault that the server found.
[[nodiscard]] Situation SituationOf(common::http::Fault fault);

//  note := 1 + situation      ; 0: no endpoint made the answer
[[nodiscard]] std::uint32_t NoteOf(Situation situation);
/// The situation that the answer was made for.
[[nodiscard]] Situation SituationOf(const common::http::AnswerReport& report);

}  // namespace ingest
