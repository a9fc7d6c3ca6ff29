#include "common/json/fields.h"

#include "common/json/reader.h"
#include "common/json/simd_fields.h"

namespace common::json {
namespace {

class FieldReader : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, FieldReader> {
 public:
  FieldReader(const Source& source, std::span<Field> fields) : source_(source), fields_(fields) {}

  bool Key(const char* text, TextSize size, bool /*copy*/) {
    const std::string_view name(text, size);
    if (depth_ != 1) return true;
    current_ = nullptr;
    for (Field& field : fields_) {
      if (field.name == name) current_ = &field;
    }
    return true;
  }
  bool String(const char* text, TextSize size, bool /*copy*/) {
    return Set(Field::Kind::kText, {text, size});
  }
  bool Uint(unsigned) { return Set(Field::Kind::kNumber, source_.last_number()); }
  bool StartObject() { return Enter(); }
  bool StartArray() { return depth_ > 0 && Enter(); }
  bool EndObject(TextSize) { return Leave(); }
  bool EndArray(TextSize) { return Leave(); }
  bool Null() { return Set(Field::Kind::kNull, {}); }
  bool Default() { return Set(Field::Kind::kOther, {}); }  // true, false

 private:
  bool Set(Field::Kind kind, std::string_view value) {
    if (depth_ == 1 && current_ != nullptr) current_->Set(kind, value);
    return depth_ > 0;  // At depth 0 the text is a scalar, not an object.
  }
  bool Enter() {
    if (depth_ > 0) Set(Field::Kind::kOther, {});
    ++depth_;
    return true;
  }
  bool Leave() {
    --depth_;
    return true;
  }

  const Source& source_;
  const std::span<Field> fields_;
  Field* current_ = nullptr;
  std::size_t depth_ = 0;
};

}  // namespace

void Field::Set(Kind new_kind, std::string_view new_value) {
  const bool is_repeated = kind != Kind::kAbsent;
  is_contradictory = is_contradictory || (is_repeated && (kind != new_kind || value != new_value));
  kind = new_kind;
  value = new_value;
}

bool ReadFields(std::string_view json, std::span<Field> fields) {
  if (ReadSimdFields(json, fields)) return true;
  Source source(json);
  FieldReader reader(source, fields);
  return ReadAll(source, reader);
}

}  // namespace common::json
