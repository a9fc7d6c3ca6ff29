#pragma once

#include <cstddef>
#include <string_view>

namespace common::json {

/// Presents any JSON text in a form that RapidJSON 1.1.0 reads correctly:
///
///   number             is shown as "0"       ; it refuses those beyond a double, rounds others
///   "\ud83d" unpaired  is shown as "\ufffd"  ; it refuses a first half, and decodes a second half
///                                            ; to invalid UTF-8
///
/// Offsets refer to the original text, so copies of its ranges are exact.
///
/// Lifetime: a view of the text.
class Source {
 public:
  using Ch = char;

  /// Skips a leading byte order mark.
  explicit Source(std::string_view text);

  [[nodiscard]] Ch Peek() const { return at_ < text_.size() ? next_ : '\0'; }
  Ch Take() {
    const Ch taken = next_;
    const bool is_plain = is_in_string_ && !is_escaped_ && taken != '"' && taken != '\\';
    if (!is_plain || hidden_ > 0 || at_ + 1 >= text_.size()) return ReadSpecial();
    next_ = text_[++at_];
    if (next_ == '\\') SettleEscape();
    return taken;
  }
  [[nodiscard]] std::size_t Tell() const { return at_; }

  /// RapidJSON itself mistakes a NUL byte for the end of the text.
  [[nodiscard]] bool IsAtEnd() const { return at_ >= text_.size(); }
  [[nodiscard]] std::string_view text() const { return text_; }
  /// The last number taken, as written.
  [[nodiscard]] std::string_view last_number() const { return last_number_; }

  // Only in-situ parsing would call these.
  Ch* PutBegin() { return nullptr; }
  void Put(Ch) {}
  void Flush() {}
  std::size_t PutEnd(Ch*) { return 0; }

 private:
  Ch ReadSpecial();  ///< Handles all but plain characters of a string.
  void Settle();
  void SettleEscape();

  std::string_view text_;
  std::size_t at_ = 0;
  char next_ = '\0';
  std::size_t number_size_ = 0;  ///< Of the number at the current offset. 0: none.
  std::size_t pair_end_ = 0;     ///< Escapes before this offset are checked.
  std::size_t hidden_ = 0;       ///< The offset of an unpaired surrogate's digits.
  bool is_in_string_ = false;
  bool is_escaped_ = false;
  std::string_view last_number_;
};

}  // namespace common::json
