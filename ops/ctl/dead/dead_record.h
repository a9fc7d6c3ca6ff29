#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/record_headers.h"
#include "ops/ctl/records/record_place.h"

namespace ctl {

/// A record of `callbacks.dead` as it is.
struct DeadRecord {
  RecordPlace place;
  common::WallTime time;  ///< When it died.
  std::string key;
  std::string value;
  common::RecordHeaders headers;
};

/// What is told of it in a list: nothing of the body but what the callback is about. A text that
/// the record does not carry is none.
struct DeadSummary {
  RecordPlace place;
  common::WallTime time;
  std::string key;
  std::string provider;  ///< `unknown` if the record does not say.
  std::optional<std::string> reason;
  std::optional<std::int64_t> attempts;
  std::optional<std::int64_t> http_status;
  std::optional<std::string> trace_id;
  int redrives = 0;
  std::optional<std::string> failed_at;
  std::optional<std::string> received_at;
  std::optional<std::string> request_id;
  std::optional<std::string> topic;  ///< Where the callback stood.
  std::optional<std::int64_t> partition;
  std::optional<std::int64_t> offset;
  std::optional<std::string>
      dossier;  ///< Normalised, as the next one; of an unreadable body, none.
  std::optional<std::string> process;
  std::optional<std::string> status;
  std::size_t bytes = 0;  ///< Of the body.
};

[[nodiscard]] DeadSummary Summarise(const DeadRecord& record);

/// One element of `dead list --json`.
[[nodiscard]] std::string RenderJson(const DeadSummary& summary);

/// A table for people, of which neither the number of rows nor the widest cell is known when the
/// first line is printed: the columns have widths of their own.
[[nodiscard]] std::string DeadHeading();
[[nodiscard]] std::string RenderRow(const DeadSummary& summary);

/// All of it, the body included.
[[nodiscard]] std::string RenderJson(const DeadRecord& record);
[[nodiscard]] std::string RenderText(const DeadRecord& record, std::string_view topic);

}  // namespace ctl
