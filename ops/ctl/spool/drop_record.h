#pragma once

#include <span>
#include <string>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "ingest/spool/refused_callbacks.h"

namespace ctl {

/// Where `spool drop` writes what it drops, beside the spool.
[[nodiscard]] std::string DropRecordOf(const std::string& spool_path);

/// A line for each callback, in JSON: when it was dropped, when it came and was refused and why, its
/// request id, and size and SHA-256 of its body. Neither body nor key, which name a person.
[[nodiscard]] std::string LinesOf(std::span<const ingest::RefusedCallback> callbacks,
                                  common::WallTime dropped_at);

/// Appends the lines to a file that only its owner may read, and syncs it and its folder.
common::Result<void> AppendToRecord(const std::string& path, std::string_view lines);

}  // namespace ctl
