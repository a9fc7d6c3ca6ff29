#pragma once

#include <cstddef>
#include <string_view>

namespace common::json {

/// JSON text in a form that RapidJSON 1.1.0 takes, whatever JSON allows:
///
///   number             is shown as "0"       ; those beyond a double are refused, others rounded
///   "\ud83d" unpaired  is shown as "\ufffd"  ; a first half is refused, a second half comes out as
///                                            ; bytes that are not UTF-8
///
/// Offsets are those of the text, so what is copied from it stays as it came.
///
/// Lifetime: a view of the text.
class Source {
 public:
  using Ch = char;

  /// A byte order mark in front is skipped.
  explicit Source(std::string_view text);

  [[nodiscard]] Ch Peek() const { return at_ < text_.size() ? next_ : '\0'; }
  Ch Take() {
    const Ch taken = next_;
    const bool is_plain = is_in_string_ && !is_escaped_ && taken != '"' && taken != '\\';
    if (!is_plain || hidden_ > 0 || at_ + 1 >= text_.size()) return TakeWithCare();
    next_ = text_[++at_];
    if (next_ == '\\') SettleEscape();
    return taken;
  }
  [[nodiscard]] std::size_t Tell() const { return at_; }

  /// RapidJSON takes a NUL byte for the end of the text.
  [[nodiscard]] bool IsAtEnd() const { return at_ >= text_.size(); }
  [[nodiscard]] std::string_view text() const { return text_; }
  /// The number that was taken last.
  [[nodiscard]] std::string_view last_number() const { return last_number_; }

  // Only parsing in place would call these.
  Ch* PutBegin() { return nullptr; }
  void Put(Ch) {}
  void Flush() {}
  std::size_t PutEnd(Ch*) { return 0; }

 private:
  Ch TakeWithCare();  ///< Everything but a plain character of a string.
  void Settle();
  void SettleEscape();

  std::string_view text_;
  std::size_t at_ = 0;
  char next_ = '\0';
  std::size_t number_size_ = 0;  ///< Of the number at the current place; 0: there is none.
  std::size_t pair_end_ = 0;     ///< Escapes before this offset have been judged.
  std::size_t hidden_ = 0;       ///< Where the digits of half a pair begin.
  bool is_in_string_ = false;
  bool is_escaped_ = false;
  std::string_view last_number_;
};

}  // namespace common::json
