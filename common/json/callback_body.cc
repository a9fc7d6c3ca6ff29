#include "common/json/callback_body.h"

#include <utility>

#include "common/json/fields.h"

namespace common::json {
namespace {

template <typename Id>
std::optional<Id> IdOf(const Field& field) {
  if (field.kind != Field::Kind::kText) return std::nullopt;
  Id id(NormalizeId(field.value));
  if (id.empty()) return std::nullopt;
  return id;
}

}  // namespace

CallbackBody ReadCallbackBody(std::string_view body) {
  std::vector<Field> fields = {{"dossierId"}, {"processId"}, {"status"}};
  if (!ReadFields(body, fields)) return {};
  CallbackBody read;
  read.dossier = IdOf<DossierId>(fields[0]);
  read.process = IdOf<ProcessId>(fields[1]);
  if (fields[2].kind == Field::Kind::kText) read.status = std::move(fields[2].value);
  return read;
}

}  // namespace common::json
