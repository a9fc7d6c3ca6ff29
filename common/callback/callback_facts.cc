#include "common/callback/callback_facts.h"

#include "common/domain/process_status.h"
#include "common/json/callback_body.h"

namespace common {
namespace {

template <typename Headers>
CallbackFacts Read(std::string_view value, const Headers& headers, const ProviderTable& providers) {
  CallbackFacts facts;
  facts.provider = LastHeader(headers, header::kProvider).value_or(kUnknownProvider);
  facts.row = providers.Resolve(facts.provider);
  if (const auto received_at = LastHeader(headers, header::kReceivedAt)) {
    facts.received_at = ParseRfc3339(*received_at);
  }
  facts.is_spooled = LastHeader(headers, header::kSpooled).has_value();

  json::CallbackBody body = json::ReadCallbackBody(value);
  if (body.IsReadable()) {
    facts.is_readable = true;
    facts.dossier = *std::move(body.dossier);
    facts.process = *std::move(body.process);
    facts.status = std::move(body.status);
    facts.is_final = IsFinalStatus(facts.status);
    facts.identity =
        IdentityOf(facts.provider, facts.dossier, facts.process, facts.status.value_or(""));
  } else {
    facts.identity = IdentityOfUnreadable(facts.provider, value);
  }
  if (const auto redrive = LastHeader(headers, header::kRedrive)) {
    facts.is_redriven = true;
    facts.identity = IdentityOfRedriven(facts.identity, *redrive);
  }
  return facts;
}

}  // namespace

CallbackFacts ReadCallback(std::string_view value, const RecordHeaders& headers,
                           const ProviderTable& providers) {
  return Read(value, headers, providers);
}

CallbackFacts ReadArrived(std::string_view value, const HeaderViews& headers,
                          const ProviderTable& providers) {
  return Read(value, headers, providers);
}

}  // namespace common
