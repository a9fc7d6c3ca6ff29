#include "common/json/callback_body.h"

#include <array>
#include <utility>

#include "common/json/fields.h"

namespace common::json {
namespace {

template <typename Id>
std::optional<Id> IdOf(Field& field) {
  if (field.kind != Field::Kind::kText) return std::nullopt;
  Id id(NormalizeId(std::move(field.value)));
  if (id.empty()) return std::nullopt;
  return id;
}

}  // namespace

CallbackBody ReadCallbackBody(std::string_view body) {
  std::array<Field, 3> fields = {{{"dossierId"}, {"processId"}, {"status"}}};
  if (!ReadFields(body, fields)) return {};
  CallbackBody read;
  read.dossier = IdOf<DossierId>(fields[0]);
  read.process = IdOf<ProcessId>(fields[1]);
  if (fields[2].kind == Field::Kind::kText) read.status = std::move(fields[2].value);
  return read;
}

}  // namespace common::json
