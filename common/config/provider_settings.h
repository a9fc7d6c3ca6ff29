#pragma once

#include <functional>
#include <string>

#include "common/config/document.h"
#include "common/domain/provider_rules.h"

namespace common::config {

/// Reads a binary's additional keys of a row (ingest: the secrets, consumer: the account). Called
/// once for each row in the file.
using ReadMoreOfRow = std::function<void(const ProviderRow& row, const Section& section)>;

// providers: { name: row }…      ; a built-in name overrides that row, a new name adds one
// row := like: name | aliases: [name…]    ; a built-in row to begin with | replaces its aliases
//      | transient_status: 400-599
//      | on_unavailable: spool | refuse
//      | dedup_window: duration  ; a new row's default is the window of `unknown`
//      | retry_schedule: [duration…] | { every: duration, attempts: n }
//      | kind: callbacks | events, and the keys of events    ; see event_settings.h
//      | authorization, authorization_file, auth, account    ; accepted, not looked at

/// The built-in rows as changed by `providers:` of `root`. If the resulting rows are invalid,
/// reports the mistakes and returns the built-in rows.
[[nodiscard]] ProviderTable ReadProviders(const Section& root, const ReadMoreOfRow& read_more = {});

}  // namespace common::config
