#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/http/chunked.h"
#include "common/http/head.h"
#include "common/http/message.h"

namespace common::http {

/// Finds the end of a head in bytes that arrive in any pieces, and tells as soon as possible when
/// no head can come of them any more (binary, TLS, bare LF). Looks at each byte once.
class HeadScanner {
 public:
  enum class ScanStatus { kMore, kEnd, kMalformed };

  /// `bytes`: everything of the head so far, from its first byte.
  ScanStatus Scan(std::string_view bytes);

  /// Length of the head, its blank line included. Precondition: Scan() returned kEnd.
  [[nodiscard]] std::size_t end() const { return line_start_; }

 private:
  [[nodiscard]] bool TailIsPlausible(std::string_view bytes, std::size_t from) const;

  std::size_t seen_ = 0;
  std::size_t line_start_ = 0;
  bool first_line_ = true;
};

/// Cuts the bytes of one connection into requests, strictly, one after the other. Pure: no I/O, no
/// clock; the same bytes give the same steps however they are split.
///
///   kHead --head complete--> kAdmission --ReadBody()--> kBody --complete--> kDone --Next()-->
///   kHead
///                                  |------SkipBody()--> kSkip --complete--> kDone
class Framer {
 public:
  enum class Step {
    kMore,     ///< All input is taken in; nothing more to say.
    kHead,     ///< head() and framing() are there: call ReadBody() or SkipBody().
    kRequest,  ///< The body is complete, or skipped: call Next() when the request is done with.
    kFault,    ///< fault() says what is wrong; nothing sensible can follow on this connection.
  };

  Framer(std::size_t max_head, std::size_t max_body) : max_head_(max_head), max_body_(max_body) {}

  /// Takes from the front of `input` what belongs to the current request. All of it on kMore.
  Step Read(std::string_view& input);

  void ReadBody();
  /// Throws the body away, and the head; of a chunked one at most `limit` bytes, then
  /// kBodyTooLarge.
  void SkipBody(std::size_t limit);
  void Next();

  /// Lifetime: head() and body() may be views of the input that the last Read() was given.
  [[nodiscard]] RequestHead& head() { return head_; }
  [[nodiscard]] const Framing& framing() const { return framing_; }
  [[nodiscard]] std::string_view body() const { return body_view_; }
  [[nodiscard]] HttpFault fault() const { return fault_; }
  /// The bytes of a faulty head as far as they were read, without the empty lines before them.
  [[nodiscard]] std::string_view head_bytes() const { return head_source_; }
  [[nodiscard]] int empty_lines() const { return empty_lines_; }

  /// Between requests: no byte of the next one is there yet.
  [[nodiscard]] bool AtStart() const { return state_ == State::kHead && head_bytes_.empty(); }
  [[nodiscard]] bool InHead() const { return state_ == State::kHead && !head_bytes_.empty(); }
  [[nodiscard]] bool InBody() const { return state_ == State::kBody; }
  [[nodiscard]] bool IsSkipping() const { return state_ == State::kSkip; }
  [[nodiscard]] bool HasBodyBytes() const { return received_ > 0; }
  /// Memory that the current request takes.
  [[nodiscard]] std::size_t HeldBytes() const;

 private:
  enum class State { kHead, kAdmission, kBody, kSkip, kDone };

  Step ReadHead(std::string_view& input);
  Step ReadSized(std::string_view& input);
  Step ReadChunked(std::string_view& input);
  Step Fail(HttpFault fault);
  bool SkipEmptyLines(std::string_view& input);
  void KeepHead();

  std::size_t max_head_;
  std::size_t max_body_;
  State state_ = State::kHead;
  HttpFault fault_ = HttpFault::kMalformed;
  int empty_lines_ = 0;
  HeadScanner scanner_;
  std::string head_bytes_;  // a head that did not come in one piece, or that waits for its body
  std::string_view head_source_;  // the bytes that head_ points into
  RequestHead head_;
  Framing framing_;
  ChunkedDecoder chunked_;
  std::uint64_t received_ = 0;  // body bytes, framing of chunks included
  std::string body_;            // a body that did not come in one piece
  std::string_view body_view_;
};

}  // namespace common::http
