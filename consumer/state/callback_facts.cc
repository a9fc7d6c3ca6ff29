#include "consumer/state/callback_facts.h"

#include "common/json/callback_body.h"
#include "consumer/policy/process_status.h"

namespace consumer {
namespace {

template <typename Headers>
CallbackFacts Read(std::string_view value, const Headers& headers,
                   const common::ProviderTable& providers) {
  using common::LastHeader;
  CallbackFacts facts;
  facts.provider =
      LastHeader(headers, common::header::kProvider).value_or(common::kUnknownProvider);
  facts.row = providers.Resolve(facts.provider);
  if (const auto received_at = LastHeader(headers, common::header::kReceivedAt)) {
    facts.received_at = common::ParseRfc3339(*received_at);
  }
  facts.is_spooled = LastHeader(headers, common::header::kSpooled).has_value();

  common::json::CallbackBody body = common::json::ReadCallbackBody(value);
  if (body.IsReadable()) {
    facts.is_readable = true;
    facts.dossier = *std::move(body.dossier);
    facts.process = *std::move(body.process);
    facts.status = std::move(body.status);
    facts.is_final = IsFinalStatus(facts.status);
    facts.identity =
        common::IdentityOf(facts.provider, facts.dossier, facts.process, facts.status.value_or(""));
  } else {
    facts.identity = common::IdentityOfUnreadable(facts.provider, value);
  }
  if (const auto redrive = LastHeader(headers, common::header::kRedrive)) {
    facts.is_redriven = true;
    facts.identity = common::IdentityOfRedriven(facts.identity, *redrive);
  }
  return facts;
}

}  // namespace

CallbackFacts ReadCallback(std::string_view value, const common::RecordHeaders& headers,
                           const common::ProviderTable& providers) {
  return Read(value, headers, providers);
}

CallbackFacts ReadArrived(std::string_view value, const common::HeaderViews& headers,
                          const common::ProviderTable& providers) {
  return Read(value, headers, providers);
}

}  // namespace consumer
