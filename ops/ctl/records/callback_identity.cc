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
  return IdentifyCallback(common::ReadCallback(value, headers, providers), headers);
}

CallbackIdentity IdentifyCallback(const common::CallbackFacts& facts,
                                  const common::RecordHeaders& headers) {
  return {.row = facts.row,
          .identity = facts.identity,
          .fact = facts.original,
          .delivery = DeliveryOf(common::LastHeader(headers, common::header::kRequestId))};
}

common::Identity IdentityOfMalformed(std::string_view value, const common::RecordHeaders& headers) {
  const common::Identity identity = common::IdentityOfUnreadable(
      common::LastHeader(headers, common::header::kProvider).value_or(common::kUnknownProvider),
      value);
  const auto redrive = common::LastHeader(headers, common::header::kRedrive);
  return redrive ? common::IdentityOfRedriven(identity, *redrive) : identity;
}

}  // namespace ctl
