#pragma once

#include <cstddef>
#include <string_view>

#include "common/json/reader.h"

namespace common::json {

/// Turns the parser's events into members and values for a handler that copies parts of a text.
/// Skips the inside of a value that is copied or omitted as a whole.
///
/// `Copier` has, with `this` class as a friend:
///
///   BeginMember(name), BeginElement()  before each value: in an object, in an array or alone
///   bool Open(is_array)                a container begins; false: skip to its end
///   Close()                            one that is not skipped ends
///   EndValue(end)                      where the text of a value ends
template <typename Copier>
class CopyingHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Copier> {
 public:
  /// The source must outlive the handler.
  explicit CopyingHandler(const Source& source) : source_(source) {}

  bool Key(const char* text, TextSize size, bool /*copy*/) {
    if (skipped_depth_ == 0) copier().BeginMember({text, size});
    return true;
  }
  bool Default() {  // null, true, false, a number, a text
    if (skipped_depth_ > 0) return true;
    copier().BeginElement();
    copier().EndValue(source_.Tell());
    return true;
  }
  bool StartObject() { return Start(false); }
  bool StartArray() { return Start(true); }
  bool EndObject(TextSize) { return End(); }
  bool EndArray(TextSize) { return End(); }

 protected:
  [[nodiscard]] const Source& source() const { return source_; }

 private:
  Copier& copier() { return static_cast<Copier&>(*this); }

  bool Start(bool is_array) {
    if (skipped_depth_ == 0) copier().BeginElement();
    if (skipped_depth_ > 0 || !copier().Open(is_array)) ++skipped_depth_;
    return true;
  }
  bool End() {
    if (skipped_depth_ > 0) {
      --skipped_depth_;
    } else {
      copier().Close();
    }
    if (skipped_depth_ == 0) copier().EndValue(source_.Tell() + 1);
    return true;
  }

  const Source& source_;
  std::size_t skipped_depth_ = 0;  ///< Open containers inside a skipped value.
};

}  // namespace common::json
