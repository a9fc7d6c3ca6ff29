#include "common/config/event_settings.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/text.h"
#include "common/config/signature_settings.h"

namespace common::config {
namespace {

constexpr std::string_view kHeader = "header:";

void ReadPointer(const Section& extract, std::string_view key, JsonPointer& out) {
  std::string text;
  if (!extract.Read(key, text)) return;
  if (auto pointer = ParseJsonPointer(text)) {
    out = *std::move(pointer);
  } else {
    extract.Mistake(key,
                    "expected a JSON pointer (RFC 6901) such as /eventData/processId: it starts "
                    "with /, and ~ stands only before 0 or 1");
  }
}

void ReadId(const Section& extract, EventExtract& out) {
  std::string text;
  if (!extract.Read("id", text)) return;
  if (!text.starts_with(kHeader)) {
    out.id_header.clear();
    return ReadPointer(extract, "id", out.id);
  }
  const std::string name = text.substr(kHeader.size());
  if (IsHeaderName(name)) {
    out.id_header = ToLowerAscii(name);
  } else {
    extract.Mistake("id", "header: must be followed by the name of a header");
  }
}

void ReadExtract(const Section& section, EventExtract& out) {
  const std::optional<Section> extract = section.Child("extract");
  if (!extract) return;
  ReadId(*extract, out);
  ReadPointer(*extract, "type", out.type);
  ReadPointer(*extract, "expiresAt", out.expires_at);
  ReadPointer(*extract, "dossierId", out.dossier);
  ReadPointer(*extract, "processId", out.process);
  ReadPointer(*extract, "status", out.status);
  ReadPointer(*extract, "tags", out.tags);
}

/// The lists of types. An unread type would match none of them.
void ReadTypes(const Section& section, EventRules& rules) {
  if (std::vector<std::string> types; section.Read("types", types)) {
    if (types.empty()) {
      section.Mistake("types", "must contain at least one type; leave it out to take all");
    }
    rules.types = std::move(types);
  }
  section.Read("ping", rules.ping);
  const auto is_ping = [&](const std::string& type) {
    return std::ranges::find(rules.ping, type) != rules.ping.end();
  };
  if (rules.types && std::ranges::any_of(*rules.types, is_ping)) {
    section.Mistake("types", "has a type that is in ping, too");
  }
  for (const std::string_view key : {"types", "ping"}) {
    if (section.Has(key) && rules.extract.type.empty()) {
      section.Mistake(key, "needs extract.type: where an event has its type");
    }
  }
}

/// Without a status, all events of a process are one fact.
void CheckWithoutStatus(const Section& section, const EventRules& rules) {
  if (!rules.same_as.empty()) {
    section.Mistake("same_as",
                    "needs extract.status: the facts of that row have a status, so those of this "
                    "one would never be the same");
  } else if (!rules.types || rules.types->size() != 1) {
    section.Doubt("extract",
                  "has no status: of all events of a process only the first is fetched, whatever "
                  "its type; set extract.status, or one type in types");
  }
}

void ReadFetch(const Section& section, EventRules& rules) {
  std::size_t choice = 0;
  if (section.ReadChoice("fetch", {"full", "none"}, choice)) {
    rules.fetch = choice == 0 ? EventFetch::kFull : EventFetch::kNone;
  }
  section.Read("same_as", rules.same_as);
  const EventExtract& extract = rules.extract;
  if (rules.fetch == EventFetch::kNone) {
    if (rules.same_as.empty()) return;
    section.Mistake("same_as", "needs fetch: full: an event that is not fetched is its own fact");
  } else if (extract.dossier.empty() || extract.process.empty()) {
    section.Mistake("extract",
                    "must have dossierId and processId, which a fetch needs; or set fetch: none, "
                    "which publishes the event itself");
  } else if (extract.status.empty()) {
    CheckWithoutStatus(section, rules);
  }
}

/// Without a fetch, the id alone tells a repeat: whoever has seen an event could send it again
/// under another one.
void CheckIdIsSigned(const Section& section, const EventRules& rules) {
  if (rules.fetch != EventFetch::kNone || !rules.signature) return;
  const std::string& header = rules.extract.id_header;
  if (header.empty() || header == rules.signature->id_header) return;
  section.Doubt("extract",
                "id is in a header that the signature does not cover: whoever repeats an event "
                "under another id has it published again");
}

constexpr std::string_view kKeys[] = {"signature", "extract", "types", "ping", "same_as", "fetch"};

void RefuseKeysOfEvents(const Section& section) {
  for (const std::string_view key : kKeys) {
    if (section.Has(key)) section.Mistake(key, "only a row of events has it: set kind: events");
    section.Skip(key);
  }
}

}  // namespace

void ReadEventRules(const Section& section, ProviderRow& row) {
  std::size_t kind = 0;
  section.ReadChoice("kind", {"callbacks", "events"}, kind);
  if (kind == 0) return RefuseKeysOfEvents(section);
  if (row.name == kUnknownProvider) {
    section.Mistake("kind", "unknown takes callbacks only: give the events a row of their own");
  }
  row.retry_schedule.clear();
  row.on_unavailable = OnUnavailable::kSpool;
  EventRules rules;
  rules.signature = ReadSignature(section);
  if (rules.signature) rules.extract.id_header = rules.signature->id_header;
  ReadExtract(section, rules.extract);
  ReadTypes(section, rules);
  ReadFetch(section, rules);
  CheckIdIsSigned(section, rules);
  row.events = std::move(rules);
}

}  // namespace common::config
