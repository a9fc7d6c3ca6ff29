#include "common/json/api_answer.h"

#include <array>
#include <utility>

#include "common/base/number.h"
#include "common/domain/ids.h"
#include "common/json/fields.h"
#include "common/json/nesting.h"

namespace common::json {
namespace {

/// A number such as 3600 or 3600.5, or a string of that form, which some servers send.
std::optional<std::chrono::seconds> SecondsOf(const Field& field) {
  constexpr double kTenYears = 10.0 * 365 * 24 * 3600;
  if (field.kind != Field::Kind::kText && field.kind != Field::Kind::kNumber) return std::nullopt;
  const auto seconds = ParseNumber<double>(field.value);
  if (!seconds || !(*seconds >= 0 && *seconds <= kTenYears)) return std::nullopt;
  return std::chrono::seconds(static_cast<long long>(*seconds));
}

NamedId IdOf(Field& field) {
  if (field.is_contradictory) return {NamedId::Kind::kUnusable};
  switch (field.kind) {
    case Field::Kind::kText:
      return {NamedId::Kind::kNamed, NormalizeId(std::move(field.value))};
    case Field::Kind::kAbsent:
    case Field::Kind::kNull:
      return {NamedId::Kind::kMissing};
    case Field::Kind::kNumber:
    case Field::Kind::kOther:
      break;
  }
  return {NamedId::Kind::kUnusable};
}

}  // namespace

std::optional<ResourceAnswer> ReadResourceAnswer(std::string_view body) {
  std::array<Field, 4> fields = {{{"status"}, {"processId"}, {"dossierId"}, {"updatedAt"}}};
  if (!ReadFields(body, fields)) return std::nullopt;
  ResourceAnswer answer;
  if (fields[0].kind == Field::Kind::kText) answer.status = std::move(fields[0].value);
  answer.ids = {IdOf(fields[1]), IdOf(fields[2])};
  if (fields[3].kind == Field::Kind::kText) answer.updated_at = ParseRfc3339(fields[3].value);
  answer.is_too_deep = IsNestedDeeper(body, kDeepestNesting);
  return answer;
}

ErrorSubject ReadErrorSubject(std::string_view body) {
  std::array<Field, 3> fields = {{{"instance"}, {"processId"}, {"dossierId"}}};
  if (!ReadFields(body, fields)) return {};
  ErrorSubject subject{{IdOf(fields[1]), IdOf(fields[2])}, {}};
  if (fields[0].kind == Field::Kind::kText) subject.instance = std::move(fields[0].value);
  return subject;
}

std::optional<std::string> ReadTraceId(std::string_view body) {
  constexpr std::size_t kMaxSize = 128;
  std::array<Field, 1> fields = {{{"traceId"}}};
  if (!ReadFields(body, fields) || fields[0].kind != Field::Kind::kText) return std::nullopt;
  if (fields[0].value.empty() || fields[0].value.size() > kMaxSize) return std::nullopt;
  return std::move(fields[0].value);
}

bool RefusesToken(std::string_view body) {
  std::array<Field, 2> fields = {{{"code"}, {"error"}}};
  if (!ReadFields(body, fields)) return false;
  return fields[0].value == "invalid_token" || fields[1].value == "invalid_token";
}

std::optional<TokenAnswer> ReadTokenAnswer(std::string_view body) {
  std::array<Field, 2> fields = {{{"access_token"}, {"expires_in"}}};
  if (!ReadFields(body, fields)) return std::nullopt;
  if (fields[0].kind != Field::Kind::kText || fields[0].value.empty()) return std::nullopt;
  return TokenAnswer{.access_token = std::move(fields[0].value),
                     .expires_in = SecondsOf(fields[1])};
}

}  // namespace common::json
