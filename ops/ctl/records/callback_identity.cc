#include "ops/ctl/records/callback_identity.h"

#include <algorithm>
#include <functional>

#include "common/callback/callback_facts.h"

namespace ctl {

DeliveryId DeliveryOf(std::optional<std::string_view> request_id) {
  if (!request_id || request_id->empty()) return 0;
  return std::max<DeliveryId>(1, std::hash<std::string_view>{}(*request_id));
}

CallbackIdentity IdentifyCallback(std::string_view value, const common::RecordHeaders& headers,
                                  const common::ProviderTable& providers) {
  return IdentifyCallback(common::ReadCallback(value, headers, providers), value, headers);
}

CallbackIdentity IdentifyCallback(const common::CallbackFacts& facts, std::string_view value,
                                  const common::RecordHeaders& headers) {
  const auto fact = [&] {
    if (!facts.is_redriven) return facts.identity;
    return facts.is_readable ? common::IdentityOf(facts.provider, facts.dossier, facts.process,
                                                  facts.status.value_or(""))
                             : common::IdentityOfUnreadable(facts.provider, value);
  };
  return {.row = facts.row,
          .identity = facts.identity,
          .fact = fact(),
          .delivery = DeliveryOf(common::LastHeader(headers, common::header::kRequestId))};
}

}  // namespace ctl
