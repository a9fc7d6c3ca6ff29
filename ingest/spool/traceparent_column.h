#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "common/domain/callback_record.h"

namespace ingest {

// The column `traceparent` of the spool's two files, for the reason of `content_type` (see
// content_type_column.h).
//
//   column := traceparent [LF tracestate]      ; NULL: no traceparent, and so no tracestate

[[nodiscard]] inline std::optional<std::string> TraceparentColumn(
    const common::Envelope& envelope) {
  if (!envelope.traceparent || !envelope.tracestate) return envelope.traceparent;
  return *envelope.traceparent + "\n" + *envelope.tracestate;
}

inline void ReadTraceparentColumn(std::optional<std::string> column, common::Envelope& envelope) {
  const std::size_t end = column ? column->find('\n') : std::string::npos;
  if (end != std::string::npos) {
    envelope.tracestate = column->substr(end + 1);
    column->resize(end);
  }
  envelope.traceparent = std::move(column);
}

}  // namespace ingest
