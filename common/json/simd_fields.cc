#include "common/json/simd_fields.h"

#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <optional>

#include "common/json/pointed_fields.h"

namespace common::json {
namespace {

constexpr std::size_t kMaxSize = std::size_t{64} * 1024;

auto Find(std::string_view name, std::span<Field> fields) {
  return std::ranges::find_if(fields, [&](const Field& field) { return field.name == name; });
}

/// The outermost object. Lifetime: until the thread's next call.
std::optional<simdjson::dom::object> Parse(std::string_view json) {
  if (json.empty()) return std::nullopt;  // simdjson would copy from its null pointer.
  thread_local simdjson::dom::parser parser(kMaxSize);
  simdjson::dom::object object;
  if (parser.parse(json.data(), json.size()).get(object) != simdjson::SUCCESS) return std::nullopt;
  return object;
}

/// The last member of that name.
std::optional<simdjson::dom::element> MemberOf(const simdjson::dom::object& object,
                                               std::string_view name) {
  std::optional<simdjson::dom::element> found;
  for (const auto& [key, value] : object) {
    if (key == name) found = value;
  }
  return found;
}

std::optional<simdjson::dom::element> ElementOf(const simdjson::dom::array& array,
                                                std::string_view name) {
  std::size_t index = 0;
  for (const simdjson::dom::element element : array) {
    if (std::to_string(index++) == name) return element;
  }
  return std::nullopt;
}

std::optional<simdjson::dom::element> ValueAt(const simdjson::dom::object& root,
                                              const JsonPointer& pointer) {
  std::optional<simdjson::dom::element> value = MemberOf(root, pointer.front());
  for (auto name = pointer.begin() + 1; name != pointer.end() && value; ++name) {
    simdjson::dom::object object;
    simdjson::dom::array array;
    if (value->get(object) == simdjson::SUCCESS) {
      value = MemberOf(object, *name);
    } else if (value->get(array) == simdjson::SUCCESS) {
      value = ElementOf(array, *name);
    } else {
      value.reset();
    }
  }
  return value;
}

/// Precondition: the value is not a number.
void SetField(const simdjson::dom::element& value, PointedField& field) {
  std::string_view text;
  simdjson::dom::array array;
  if (value.get(text) == simdjson::SUCCESS) {
    field.kind = Field::Kind::kText;
    field.value = text;
    return;
  }
  field.kind = value.is_null() ? Field::Kind::kNull : Field::Kind::kOther;
  if (value.get(array) != simdjson::SUCCESS) return;
  for (const simdjson::dom::element element : array) {
    if (element.get(text) == simdjson::SUCCESS) field.texts.emplace_back(text);
  }
}

}  // namespace

bool ReadSimdPointedFields(std::string_view json, std::span<PointedField> fields) {
  const auto root = Parse(json);
  if (!root) return false;
  for (PointedField& field : fields) {
    field = {.pointer = field.pointer};
    if (field.pointer == nullptr || field.pointer->empty()) continue;
    const auto value = ValueAt(*root, *field.pointer);
    if (!value) continue;
    if (value->is_number()) return false;
    SetField(*value, field);
  }
  return true;
}

bool ReadSimdFields(std::string_view json, std::span<Field> fields) {
  const auto parsed = Parse(json);
  if (!parsed) return false;
  const simdjson::dom::object& object = *parsed;
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
