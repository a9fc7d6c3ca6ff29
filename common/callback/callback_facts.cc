#include "common/callback/callback_facts.h"

#include <algorithm>
#include <utility>

#include "common/domain/dead_letter.h"
#include "common/domain/process_status.h"
#include "common/json/callback_body.h"
#include "common/json/event_body.h"

namespace common {
namespace {

void ReadBody(std::string_view value, CallbackFacts& facts) {
  json::CallbackBody body = json::ReadCallbackBody(value);
  facts.is_readable = body.IsReadable();
  facts.dossier = std::move(body.dossier).value_or(DossierId());
  facts.process = std::move(body.process).value_or(ProcessId());
  facts.status = std::move(body.status);
  if (facts.is_readable) {
    facts.handling = Handling::kFetch;
    facts.identity =
        IdentityOf(facts.provider, facts.dossier, facts.process, facts.status.value_or(""));
  } else {
    facts.identity = IdentityOfUnreadable(facts.provider, value);
  }
}

bool IsWanted(const json::EventBody& body, const EventRules& rules) {
  const auto has_type = [&](const std::vector<std::string>& types) {
    return body.type && std::ranges::find(types, *body.type) != types.end();
  };
  return !body.is_mock && !has_type(rules.ping) && (!rules.types || has_type(*rules.types));
}

Handling HandlingOf(const json::EventBody& body, const EventRules& rules) {
  if (!body.is_object) return Handling::kReject;
  if (!IsWanted(body, rules)) return Handling::kIgnore;
  if (rules.fetch == EventFetch::kNone) return Handling::kPublish;
  return body.dossier && body.process ? Handling::kFetch : Handling::kReject;
}

/// A redelivered event has the id of the first one; without an id, its bytes.
///
///   fetched            fact (under the name of `same_as`), and event if it has an id
///   published, ignored event: another event may report the same fact; else bytes
///   rejected           bytes: the sender may correct what it sends under the same id
void IdentifyEvent(std::string_view value, const ProviderRow& row, CallbackFacts& facts) {
  std::optional<Identity> event;
  if (facts.event_id) event = IdentityOfEvent(row.name, *facts.event_id);
  if (facts.handling == Handling::kFetch) {
    facts.identity =
        IdentityOf(NameOfFacts(row), facts.dossier, facts.process, facts.status.value_or(""));
    facts.event_identity = event;
    return;
  }
  if (facts.handling == Handling::kReject) event.reset();
  facts.identity = event.value_or(IdentityOfUnreadable(facts.provider, value));
}

template <typename Headers>
void ReadEvent(std::string_view value, const Headers& headers, const ProviderRow& row,
               CallbackFacts& facts) {
  const EventRules& rules = *row.events;
  json::EventBody body = json::ReadEventBody(value, rules.extract);
  facts.handling = HandlingOf(body, rules);
  facts.is_readable = body.dossier && body.process;
  facts.dossier = std::move(body.dossier).value_or(DossierId());
  facts.process = std::move(body.process).value_or(ProcessId());
  facts.status = std::move(body.status);
  facts.expires_at = body.expires_at;
  facts.event_id = std::move(body.id);
  // ingest knows the header of the id by the row's signature, which our row may lack.
  const auto id = LastHeader(headers, header::kEventId);
  if (id) {
    facts.event_id = json::EventIdOf(std::string(*id));
  } else if (!rules.extract.id_header.empty()) {
    facts.event_id.reset();
  }
  IdentifyEvent(value, row, facts);
}

/// The first delivery of a malformed letter has marked its bytes only. If the record is readable by
/// the row of today, it is judged and marked as any delivery: another one may have published its
/// fact, or may come later. All others get an identity of their own.
template <typename Headers>
void IdentifyRedriven(std::string_view value, const Headers& headers, std::string_view redrive,
                      CallbackFacts& facts) {
  facts.is_redriven = true;
  const bool was_malformed =
      LastHeader(headers, header::kRedriveReason) == ToText(DeadReason::kMalformed);
  if (was_malformed && facts.identity != IdentityOfUnreadable(facts.provider, value)) return;
  facts.identity = IdentityOfRedriven(facts.identity, redrive);
  facts.event_identity.reset();
}

template <typename Headers>
CallbackFacts Read(std::string_view value, const Headers& headers, const ProviderTable& providers) {
  CallbackFacts facts;
  facts.provider = LastHeader(headers, header::kProvider).value_or(kUnknownProvider);
  facts.row = providers.Resolve(facts.provider);
  if (const auto received_at = LastHeader(headers, header::kReceivedAt)) {
    facts.received_at = ParseRfc3339(*received_at);
  }
  facts.is_spooled = LastHeader(headers, header::kSpooled).has_value();

  const ProviderRow& row = providers[facts.row];
  if (row.events) {
    ReadEvent(value, headers, row, facts);
  } else {
    ReadBody(value, facts);
  }
  facts.is_final = !facts.is_readable || IsFinalStatus(facts.status);
  facts.original = facts.identity;
  if (const auto redrive = LastHeader(headers, header::kRedrive)) {
    IdentifyRedriven(value, headers, *redrive, facts);
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
