#include "tests/fuzz/reference_json.h"

#include <rapidjson/error/error.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <utility>

namespace fuzz {
namespace {

using Kind = JsonValue::Kind;
using rapidjson::SizeType;

class TreeBuilder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, TreeBuilder> {
 public:
  bool Null() { return Add({.kind = Kind::kLiteral, .text = "null"}); }
  bool Bool(bool value) { return Add({.kind = Kind::kLiteral, .text = value ? "true" : "false"}); }
  bool RawNumber(const char* text, SizeType size, bool /*copy*/) {
    return Add({.kind = Kind::kNumber, .text = {text, size}});
  }
  bool String(const char* text, SizeType size, bool /*copy*/) {
    return Add({.kind = Kind::kText, .text = {text, size}});
  }
  bool Key(const char* text, SizeType size, bool /*copy*/) {
    open_.back().names.emplace_back(text, size);
    return true;
  }
  bool StartObject() { return Open(Kind::kObject); }
  bool StartArray() { return Open(Kind::kArray); }
  bool EndObject(SizeType) { return Close(); }
  bool EndArray(SizeType) { return Close(); }

  JsonValue& root() { return root_; }

 private:
  bool Add(JsonValue value) {
    (open_.empty() ? root_ : open_.back().items.emplace_back()) = std::move(value);
    return true;
  }
  bool Open(Kind kind) {
    open_.push_back({.kind = kind});
    return true;
  }
  bool Close() {
    JsonValue closed = std::move(open_.back());
    open_.pop_back();
    return Add(std::move(closed));
  }

  std::vector<JsonValue> open_;
  JsonValue root_;
};

}  // namespace

Reference ReadReference(std::string_view json) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (json.starts_with(kByteOrderMark)) json.remove_prefix(kByteOrderMark.size());
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag |
                              rapidjson::kParseValidateEncodingFlag |
                              rapidjson::kParseNumbersAsStringsFlag;
  rapidjson::MemoryStream stream(json.data(), json.size());
  rapidjson::Reader reader;
  TreeBuilder builder;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, builder);
  if (result.Code() == rapidjson::kParseErrorNumberTooBig ||
      result.Code() == rapidjson::kParseErrorStringUnicodeSurrogateInvalid) {
    return {.validity = Validity::kUndecided, .value = {}};
  }
  // RapidJSON treats a NUL byte as the end of the text.
  if (result.IsError() || stream.Tell() != json.size()) return {};
  return {.validity = Validity::kValid, .value = std::move(builder.root())};
}

}  // namespace fuzz
