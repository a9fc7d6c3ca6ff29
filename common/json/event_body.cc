#include "common/json/event_body.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/json/pointed_fields.h"

namespace common::json {
namespace {

constexpr std::string_view kMock = "mock";

std::optional<std::string> TextOf(PointedField& field) {
  if (field.kind != Field::Kind::kText) return std::nullopt;
  return std::move(field.value);
}

template <typename Id>
std::optional<Id> IdOf(std::optional<std::string> text) {
  if (!text) return std::nullopt;
  Id id(NormalizeId(*std::move(text)));
  if (id.empty()) return std::nullopt;
  return id;
}

bool IsMock(const PointedField& tags) {
  return (tags.kind == Field::Kind::kText && tags.value == kMock) ||
         std::ranges::find(tags.texts, kMock) != tags.texts.end();
}

}  // namespace

EventBody ReadEventBody(std::string_view body, const EventExtract& extract) {
  enum : std::size_t { kId, kType, kExpiresAt, kDossier, kProcess, kStatus, kTags, kFields };
  std::array<PointedField, kFields> fields;
  fields[kId].pointer = &extract.id;
  fields[kType].pointer = &extract.type;
  fields[kExpiresAt].pointer = &extract.expires_at;
  fields[kDossier].pointer = &extract.dossier;
  fields[kProcess].pointer = &extract.process;
  fields[kStatus].pointer = &extract.status;
  fields[kTags].pointer = &extract.tags;
  if (!ReadPointedFields(body, fields)) return {};

  EventBody read;
  read.is_object = true;
  if (fields[kId].kind == Field::Kind::kNumber) fields[kId].kind = Field::Kind::kText;
  read.is_mock = IsMock(fields[kTags]);
  read.id = IdOf<EventId>(TextOf(fields[kId]));
  read.type = TextOf(fields[kType]);
  if (const auto time = TextOf(fields[kExpiresAt])) read.expires_at = ParseRfc3339(*time);
  read.dossier = IdOf<DossierId>(TextOf(fields[kDossier]));
  read.process = IdOf<ProcessId>(TextOf(fields[kProcess]));
  read.status = TextOf(fields[kStatus]);
  return read;
}

std::optional<EventId> EventIdOf(std::string text) { return IdOf<EventId>(std::move(text)); }

}  // namespace common::json
