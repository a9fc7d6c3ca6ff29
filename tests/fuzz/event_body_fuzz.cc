#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/json_pointer.h"
#include "common/base/utf8.h"
#include "common/json/pointed_fields.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/reference_json.h"
#include "tests/fuzz/require.h"

// Input: lines of pointers, an empty line, an event. Compares the two ways of reading events with
// each other, and both with a document of RapidJSON.
namespace {

using common::json::Field;
using common::json::PointedField;
using fuzz::JsonValue;
using fuzz::Require;
using fuzz::Validity;

/// The last member of that name, or the element with that index.
const JsonValue* Step(const JsonValue& value, const std::string& name) {
  const JsonValue* found = nullptr;
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    const bool is_object = value.kind == JsonValue::Kind::kObject;
    if (name == (is_object ? value.names[i] : std::to_string(i))) found = &value.items[i];
  }
  return found;
}

const JsonValue* At(const JsonValue& root, const common::JsonPointer& pointer) {
  const JsonValue* value = &root;
  for (const std::string& name : pointer) {
    value = Step(*value, name);
    if (value == nullptr) return nullptr;
  }
  return value;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = common::Utf8Length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

/// RapidJSON decodes a lone second surrogate as bytes that are not UTF-8.
bool Agree(const JsonValue* expected, const PointedField& read) {
  if (expected == nullptr) return read.kind == Field::Kind::kAbsent;
  const bool is_text = expected->kind == JsonValue::Kind::kText;
  if (is_text != (read.kind == Field::Kind::kText)) return false;
  return !is_text || expected->text == read.value || !IsUtf8(expected->text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view event = fuzz::TextOf(data, size);
  std::vector<common::JsonPointer> pointers;
  while (true) {
    const std::string_view line = fuzz::ReadLine(event);
    if (line.empty()) break;
    if (auto pointer = common::ParseJsonPointer(line)) pointers.push_back(*std::move(pointer));
  }
  std::vector<PointedField> slow;
  for (const common::JsonPointer& pointer : pointers) slow.push_back({.pointer = &pointer});
  std::vector<PointedField> fast = slow;
  const bool is_object = ReadPointedFieldsSlowly(event, slow);
  if (ReadSimdPointedFields(event, fast)) {
    Require(is_object && fast == slow, "both ways read the same");
  }

  const fuzz::Reference reference = fuzz::ReadReference(event);
  if (reference.validity == Validity::kUndecided) return 0;
  Require(is_object == (reference.validity == Validity::kValid &&
                        reference.value.kind == JsonValue::Kind::kObject),
          "only objects are read");
  if (!is_object) return 0;
  for (const PointedField& field : slow) {
    Require(IsUtf8(field.value), "every text is UTF-8");
    Require(Agree(At(reference.value, *field.pointer), field), "the value at the pointer");
  }
  return 0;
}
