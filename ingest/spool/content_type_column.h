#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "common/domain/callback_record.h"

namespace ingest {

// The column `content_type` of the spool's two files. Another column would make the file unusable
// for an earlier ingest, and change the schema_version that is the file's lap.
//
//   column := [content-type] [LF event-id]      ; NULL: neither; no header value has a LF

[[nodiscard]] inline std::optional<std::string> ContentTypeColumn(
    const common::Envelope& envelope) {
  if (!envelope.event_id) return envelope.content_type;
  return envelope.content_type.value_or("") + "\n" + *envelope.event_id;
}

inline void ReadContentTypeColumn(std::optional<std::string> column, common::Envelope& envelope) {
  envelope.content_type = std::move(column);
  const std::size_t end =
      envelope.content_type ? envelope.content_type->find('\n') : std::string::npos;
  if (end == std::string::npos) return;
  envelope.event_id = envelope.content_type->substr(end + 1);
  envelope.content_type->resize(end);
  if (end == 0) envelope.content_type.reset();
}

}  // namespace ingest
