#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/redact.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/reference_json.h"
#include "tests/fuzz/require.h"

// Compares redaction with removal from a parsed tree.
//
//   input := { pointer LF } LF json
namespace {

using common::json::Pointer;
using fuzz::JsonValue;
using fuzz::Require;
using fuzz::Validity;

using Pointers = std::vector<const Pointer*>;

/// `value` without the members that `pointers` name. All of them match the path up to here, with
/// `depth` names.
JsonValue Without(const JsonValue& value, const Pointers& pointers, std::size_t depth) {
  if (value.items.empty()) return value;
  JsonValue kept{.kind = value.kind};
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    const bool is_object = value.kind == JsonValue::Kind::kObject;
    const std::string name = is_object ? value.names[i] : std::to_string(i);
    Pointers deeper;
    bool is_removed = false;
    for (const Pointer* pointer : pointers) {
      if ((*pointer)[depth] != name) continue;
      is_removed = is_removed || pointer->size() == depth + 1;
      if (pointer->size() > depth + 1) deeper.push_back(pointer);
    }
    if (is_removed) continue;
    if (is_object) kept.names.push_back(name);
    kept.items.push_back(Without(value.items[i], deeper, depth + 1));
  }
  return kept;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view json = fuzz::TextOf(data, size);
  std::vector<Pointer> pointers;
  while (true) {
    const std::string_view line = fuzz::ReadLine(json);
    if (line.empty()) break;
    if (auto pointer = common::ParseJsonPointer(line)) pointers.push_back(*std::move(pointer));
  }
  const std::optional<std::string> redacted = common::json::Redact(json, pointers);
  Require(!redacted || redacted->size() <= json.size(), "nothing is added");

  const fuzz::Reference reference = fuzz::ReadReference(json);
  if (reference.validity == Validity::kUndecided) return 0;
  Require(redacted.has_value() == (reference.validity == Validity::kValid),
          "only JSON is redacted");
  if (!redacted) return 0;
  Pointers all;
  for (const Pointer& pointer : pointers) all.push_back(&pointer);
  const fuzz::Reference left = fuzz::ReadReference(*redacted);
  Require(left.validity == Validity::kValid, "the result is JSON");
  Require(left.value == Without(reference.value, all, 0), "exactly the named members are removed");
  Require(common::json::Redact(*redacted, {}) == redacted, "without pointers nothing changes");
  return 0;
}
