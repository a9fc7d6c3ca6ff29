#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "common/domain/provider_rules.h"
#include "common/domain/record_headers.h"
#include "ops/ctl/records/record_position.h"

namespace ctl {

/// A record of `callbacks.dead`.
struct DeadRecord {
  common::RecordPosition place;
  common::WallTime time;  ///< When it died.
  std::string key;
  std::string value;
  common::RecordHeaders headers;
};

/// Whether a letter was put back since it died, and where that was last.
struct RedrivenSince {
  struct Place {
    std::string
        topic;  ///< `callbacks`, or `callbacks.dead`, if it is known by its next death alone.
    common::RecordPosition at;
    common::WallTime time;
  };
  std::optional<Place> to;  ///< None: it was not.
};

/// A dead letter as lists show it: of the body, only the ids and the status. A field that the
/// record does not have is none.
struct DeadSummary {
  common::RecordPosition place;
  common::WallTime time;
  std::string key;
  std::string provider;  ///< `unknown` if the record names none.
  std::optional<std::string> reason;
  std::optional<std::int64_t> attempts;
  std::optional<std::int64_t> http_status;
  std::optional<std::string> trace_id;
  int redrives = 0;
  std::optional<std::string> failed_at;
  std::optional<std::string> received_at;
  std::optional<std::string> request_id;
  std::optional<std::string> topic;  ///< The place of the callback, with the next two.
  std::optional<common::Partition> partition;
  std::optional<common::Offset> offset;
  std::optional<std::string> dossier;  ///< Normalised. None: the body names none.
  std::optional<std::string> process;  ///< The same.
  std::optional<std::string> event;    ///< Id of an event.
  std::optional<std::string> status;
  std::size_t bytes = 0;  ///< Of the body.
  /// None: unknown.
  std::optional<RedrivenSince> redriven_since = {};
};

[[nodiscard]] DeadSummary Summarise(const DeadRecord& record,
                                    const common::ProviderTable& providers);

/// One element of `dead list --json`.
[[nodiscard]] std::string RenderJson(const DeadSummary& summary);

/// A table for people with fixed column widths: rows are printed before all cells are known.
enum class RedrivenShown { kNo, kYes };
[[nodiscard]] std::string DeadHeading(RedrivenShown redriven = RedrivenShown::kNo);
[[nodiscard]] std::string RenderRow(const DeadSummary& summary,
                                    RedrivenShown redriven = RedrivenShown::kNo);

enum class BodyShown { kNo, kYes };

/// The whole record; without the body only its size.
[[nodiscard]] std::string RenderJson(const DeadRecord& record, BodyShown body = BodyShown::kYes);
[[nodiscard]] std::string RenderText(const DeadRecord& record, std::string_view topic);

}  // namespace ctl
