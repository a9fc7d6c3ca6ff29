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
//   column := [content-type] [LF event-id [LF authenticated-as]]
//                                                ; NULL: none of them; no value has a LF
//                                                ; event-id empty: none

[[nodiscard]] inline std::optional<std::string> ContentTypeColumn(
    const common::Envelope& envelope) {
  if (!envelope.event_id && !envelope.authenticated_as) return envelope.content_type;
  std::string column = envelope.content_type.value_or("") + "\n" + envelope.event_id.value_or("");
  if (envelope.authenticated_as) column += "\n" + *envelope.authenticated_as;
  return column;
}

inline void ReadContentTypeColumn(std::optional<std::string> column, common::Envelope& envelope) {
  if (!column) return;
  const auto take_last = [&column](std::size_t line_end) {
    std::string last = column->substr(line_end + 1);
    column->resize(line_end);
    return last;
  };
  const std::size_t first = column->find('\n');
  const std::size_t second = first == std::string::npos ? first : column->find('\n', first + 1);
  if (second != std::string::npos) envelope.authenticated_as = take_last(second);
  if (first != std::string::npos) {
    std::string event_id = take_last(first);
    if (!event_id.empty()) envelope.event_id = std::move(event_id);
  }
  if (first != 0) envelope.content_type = std::move(column);
}

}  // namespace ingest
