#pragma once

#include "common/config/document.h"
#include "common/domain/provider_rules.h"

namespace common::config {

// row of events := kind: events
//                | signature: …             ; see signature_settings.h
//                | extract: { name: pointer… }
//                | types: [text…]           ; absent: all
//                | ping: [text…]
//                | same_as: row
//                | fetch: full | none
// extract       := id: pointer | "header:" name        ; standard-webhooks: the id of its header
//                | type, expiresAt, dossierId, processId, status, tags: pointer
// pointer       := RFC 6901, not empty

/// Reads `kind` and the keys that a row of events has. A row of that kind starts without a schedule
/// and with on_unavailable: spool, since no schedule of events is documented; call this before the
/// keys that set them are read. Reports mistakes, those of other rows that have such keys included.
void ReadEventRules(const Section& section, ProviderRow& row);

}  // namespace common::config
