#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/keep.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/reference_json.h"
#include "tests/fuzz/require.h"

// Compares an allow-list of pointers with a filter of the parsed tree.
//
//   input := { pointer LF } LF json
namespace {

using common::json::KeepList;
using common::json::Pointer;
using fuzz::JsonValue;
using fuzz::Require;
using fuzz::Validity;

using Pointers = std::vector<const Pointer*>;

/// The part of `value` that `pointers` keep. All of them match the path up to here, with `depth`
/// names.
std::optional<JsonValue> KeptOf(const JsonValue& value, const Pointers& pointers,
                                std::size_t depth) {
  for (const Pointer* pointer : pointers) {
    if (pointer->size() == depth) return value;
  }
  const bool is_object = value.kind == JsonValue::Kind::kObject;
  JsonValue kept{.kind = value.kind};
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    Pointers deeper;
    for (const Pointer* pointer : pointers) {
      const std::string& name = (*pointer)[depth];
      const bool leads_here =
          is_object ? name == value.names[i] : name == "*" || name == std::to_string(i);
      if (leads_here) deeper.push_back(pointer);
    }
    if (deeper.empty()) continue;
    auto item = KeptOf(value.items[i], deeper, depth + 1);
    if (!item) continue;
    if (is_object) kept.names.push_back(value.names[i]);
    kept.items.push_back(*std::move(item));
  }
  if (kept.items.empty()) return std::nullopt;
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
  const KeepList list(pointers);
  const std::optional<std::string> kept = list.Keep(json);
  Require(!kept || *kept == "{}" || kept->size() <= json.size(), "nothing is added");

  const fuzz::Reference reference = fuzz::ReadReference(json);
  if (reference.validity == Validity::kUndecided) return 0;
  Require(kept.has_value() == (reference.validity == Validity::kValid), "only JSON is read");
  if (!kept) return 0;
  Pointers all;
  for (const Pointer& pointer : pointers) all.push_back(&pointer);
  const fuzz::Reference left = fuzz::ReadReference(*kept);
  Require(left.validity == Validity::kValid, "the result is JSON");
  const auto expected = KeptOf(reference.value, all, 0);
  Require(left.value == expected.value_or(JsonValue{.kind = JsonValue::Kind::kObject}),
          "exactly the named values are kept");
  Require(KeepList({Pointer{}}).Keep(*kept) == kept, "the whole of it stays as it is");
  return 0;
}
