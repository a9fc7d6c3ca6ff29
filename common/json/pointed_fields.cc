#include "common/json/pointed_fields.h"

#include <cstddef>

#include "common/json/reader.h"

namespace common::json {
namespace {

void Clear(PointedField& field) {
  field.kind = Field::Kind::kAbsent;
  field.value.clear();
  field.texts.clear();
}

/// Follows the pointers through the parser's events.
///
/// `matched` of a pointer counts the steps that lead to the current value. Within a container whose
/// own path is `depth` - 1 steps, a member's name sets it to `depth` or `depth` - 1; where the path
/// has left the pointer already, it is smaller and stays.
class PointedReader : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, PointedReader> {
 public:
  PointedReader(const Source& source, std::span<PointedField> fields) : source_(source) {
    for (PointedField& field : fields) {
      if (field.pointer != nullptr && !field.pointer->empty()) followed_.push_back({&field});
    }
  }

  bool Key(const char* text, TextSize size, bool /*copy*/) {
    Step({text, size});
    return true;
  }
  bool String(const char* text, TextSize size, bool /*copy*/) {
    return Set(Field::Kind::kText, {text, size});
  }
  bool Uint(unsigned) { return Set(Field::Kind::kNumber, source_.last_number()); }
  bool Null() { return Set(Field::Kind::kNull, {}); }
  bool Default() { return Set(Field::Kind::kOther, {}); }  // true, false
  bool StartObject() { return Enter(false); }
  bool StartArray() { return !open_.empty() && Enter(true); }
  bool EndObject(TextSize) { return Leave(); }
  bool EndArray(TextSize) { return Leave(); }

 private:
  struct Container {
    bool is_array = false;
    std::size_t next = 0;  ///< Index of the next element.
  };
  struct Followed {
    PointedField* field;
    std::size_t matched = 0;
  };

  /// The next value is the member `name` of the open container.
  void Step(std::string_view name) {
    const std::size_t depth = open_.size();
    for (Followed& followed : followed_) {
      const JsonPointer& pointer = *followed.field->pointer;
      if (followed.matched + 1 < depth || pointer.size() < depth) continue;
      const bool is_on_the_way = pointer[depth - 1] == name;
      followed.matched = is_on_the_way ? depth : depth - 1;
      if (is_on_the_way) Clear(*followed.field);  // An earlier member of this name.
    }
  }
  void BeginElement() {
    if (!open_.empty() && open_.back().is_array) Step(std::to_string(open_.back().next++));
  }
  bool Set(Field::Kind kind, std::string_view value) {
    BeginElement();
    for (Followed& followed : followed_) {
      PointedField& field = *followed.field;
      const std::size_t steps = field.pointer->size();
      if (followed.matched != steps) continue;
      if (open_.size() == steps) {
        field.kind = kind;
        field.value = value;
      } else if (open_.size() == steps + 1 && open_.back().is_array && kind == Field::Kind::kText) {
        field.texts.emplace_back(value);
      }
    }
    return !open_.empty();  // Otherwise the text is a scalar.
  }
  bool Enter(bool is_array) {
    if (!open_.empty()) Set(Field::Kind::kOther, {});
    open_.push_back({.is_array = is_array});
    return true;
  }
  bool Leave() {
    open_.pop_back();
    return true;
  }

  const Source& source_;
  std::vector<Followed> followed_;
  std::vector<Container> open_;
};

}  // namespace

bool ReadPointedFieldsSlowly(std::string_view json, std::span<PointedField> fields) {
  for (PointedField& field : fields) Clear(field);
  Source source(json);
  PointedReader reader(source, fields);
  return ReadAll(source, reader);
}

bool ReadPointedFields(std::string_view json, std::span<PointedField> fields) {
  return ReadSimdPointedFields(json, fields) || ReadPointedFieldsSlowly(json, fields);
}

}  // namespace common::json
