#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/domain/identity.h"
#include "common/domain/provider_rules.h"
#include "common/domain/record_headers.h"
#include "consumer/state/callback_facts.h"

namespace ctl {

/// The header `request-id` of a record in short. Ingest makes one for each delivery; a replay from
/// the spool and a redrive keep it. 0: the record has none, so that it may be of any delivery. The
/// same within one process only.
using DeliveryId = std::uint64_t;

[[nodiscard]] DeliveryId DeliveryOf(std::optional<std::string_view> request_id);

/// False: they are known to be different deliveries.
[[nodiscard]] inline bool MayBeSame(DeliveryId a, DeliveryId b) {
  return a == b || a == 0 || b == 0;
}

/// What a callback is, wherever it lies: an offset is a name within one life of a log only.
struct CallbackIdentity {
  common::ProviderTable::Index row = common::ProviderTable::kUnknown;
  common::Identity identity;  ///< As dedup knows it.
  common::Identity fact;      ///< Without the header `redrive`: that of the callback it came from.
  DeliveryId delivery = 0;
};

/// `value` and `headers` are those of a callback, or of a dead letter with the callback's body.
[[nodiscard]] CallbackIdentity IdentifyCallback(std::string_view value,
                                                const common::RecordHeaders& headers,
                                                const common::ProviderTable& providers);
/// The same of one that was read already.
[[nodiscard]] CallbackIdentity IdentifyCallback(const consumer::CallbackFacts& facts,
                                                std::string_view value,
                                                const common::RecordHeaders& headers);

}  // namespace ctl
