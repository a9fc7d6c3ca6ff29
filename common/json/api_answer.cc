#include "common/json/api_answer.h"

#include <array>
#include <utility>

#include "common/base/number.h"
#include "common/json/fields.h"

namespace common::json {
namespace {

/// "3600", "3600.5" or a text of that form, as some servers send it.
std::optional<std::chrono::seconds> SecondsOf(const Field& field) {
  constexpr double kTenYears = 10.0 * 365 * 24 * 3600;
  if (field.kind != Field::Kind::kText && field.kind != Field::Kind::kNumber) return std::nullopt;
  const auto seconds = ParseNumber<double>(field.value);
  if (!seconds || !(*seconds >= 0 && *seconds <= kTenYears)) return std::nullopt;
  return std::chrono::seconds(static_cast<long long>(*seconds));
}

}  // namespace

std::optional<ResourceAnswer> ReadResourceAnswer(std::string_view body) {
  std::array<Field, 1> fields = {{{"status"}}};
  if (!ReadFields(body, fields)) return std::nullopt;
  ResourceAnswer answer;
  if (fields[0].kind == Field::Kind::kText) answer.status = std::move(fields[0].value);
  return answer;
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
