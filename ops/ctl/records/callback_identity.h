#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/callback/callback_facts.h"
#include "common/domain/identity.h"
#include "common/domain/provider_rules.h"
#include "common/domain/record_headers.h"

namespace ctl {

/// A hash of the header `request-id`, valid within one process only. Ingest makes a request id for
/// each delivery; a replay from the spool and a redrive keep it. 0: the record has none, so its
/// delivery is unknown.
using DeliveryId = std::uint64_t;

[[nodiscard]] DeliveryId DeliveryOf(std::optional<std::string_view> request_id);

/// False if they are certainly different deliveries.
[[nodiscard]] inline bool MayBeSame(DeliveryId a, DeliveryId b) {
  return a == b || a == 0 || b == 0;
}

/// Identifies a callback in any log; an offset identifies it within one life of a log only.
struct CallbackIdentity {
  common::ProviderTable::Index row = common::ProviderTable::kUnknown;
  common::Identity identity;  ///< The identity for dedup.
  common::Identity fact;      ///< Without `redrive`: the same for a callback and its replacements.
  DeliveryId delivery = 0;
};

/// `value` and `headers` belong to a callback, or to a dead letter with the callback's body.
[[nodiscard]] CallbackIdentity IdentifyCallback(std::string_view value,
                                                const common::RecordHeaders& headers,
                                                const common::ProviderTable& providers);
/// The same for facts that were read before.
[[nodiscard]] CallbackIdentity IdentifyCallback(const common::CallbackFacts& facts,
                                                const common::RecordHeaders& headers);

/// The identity that consumer has marked if it wrote the letter `malformed` of the record. By now
/// the row may read a fact in it.
[[nodiscard]] common::Identity IdentityOfMalformed(std::string_view value,
                                                   const common::RecordHeaders& headers);

}  // namespace ctl
