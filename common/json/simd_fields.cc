#include "common/json/simd_fields.h"

#include <simdjson.h>

#include <algorithm>
#include <cstddef>

namespace common::json {
namespace {

constexpr std::size_t kMaxSize = std::size_t{64} * 1024;

auto Find(std::string_view name, std::span<Field> fields) {
  return std::ranges::find_if(fields, [&](const Field& field) { return field.name == name; });
}

}  // namespace

bool ReadSimdFields(std::string_view json, std::span<Field> fields) {
  if (json.empty()) return false;  // simdjson would copy from its null pointer.
  thread_local simdjson::dom::parser parser(kMaxSize);
  simdjson::dom::object object;
  if (parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS) return false;
  const bool has_numbers = std::ranges::any_of(object, [&](const auto& member) {
    return member.value.is_number() && Find(member.key, fields) != fields.end();
  });
  if (has_numbers) return false;
  for (const auto& [name, value] : object) {
    const auto field = Find(name, fields);
    if (field == fields.end()) continue;
    std::string_view text;
    const bool is_text = value.get(text) == simdjson::SUCCESS;
    field->Set(is_text           ? Field::Kind::kText
               : value.is_null() ? Field::Kind::kNull
                                 : Field::Kind::kOther,
               text);
  }
  return true;
}

}  // namespace common::json
