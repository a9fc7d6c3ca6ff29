#pragma once

#include <functional>
#include <string>

#include "common/config/document.h"
#include "common/domain/provider_rules.h"

namespace common::config {

/// Reads further keys of a row, where a binary has some (ingest: authorization). Called once for
/// each row that stands in the file, with the row's name.
using ReadMoreOfRow = std::function<void(const std::string& name, const Section& row)>;

// providers: { name: row }…      ; a built-in name overrides fields of that row, another adds one
// row := aliases: [name…]        ; replaces the built-in aliases
//      | transient_status: 400-599
//      | on_unavailable: spool | refuse
//      | dedup_window: duration  ; a new row without it has that of `unknown`
//      | retry_schedule: [duration…] | { every: duration, attempts: n }

/// The rows in force: the built-in ones as `providers:` of `root` changes them. Where that is
/// wrong, the mistakes are reported and the built-in rows returned.
[[nodiscard]] ProviderTable ReadProviders(const Section& root, const ReadMoreOfRow& read_more = {});

}  // namespace common::config
