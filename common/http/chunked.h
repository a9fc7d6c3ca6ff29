#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace common::http {

// chunked-body := *chunk last-chunk *( trailer CRLF ) CRLF
// chunk        := size [ extension ] CRLF data CRLF       ; size: 1 to 16 hex digits, not zero
// last-chunk   := 1*16"0" [ extension ] CRLF
// extension    := *( HTAB / SP ) ";" *( HTAB / SP / VCHAR / obs-text )   ; dropped
// trailer      := token ":" *( HTAB / SP / VCHAR / obs-text )            ; a field, dropped

/// Decodes one chunked body that arrives in any pieces.
class ChunkedDecoder {
 public:
  enum class DecodeStatus { kMore, kEnd, kMalformed, kTooLarge, kOverheadTooLarge };

  ChunkedDecoder() = default;
  /// `max_overhead` bounds the extensions and trailers together.
  ChunkedDecoder(std::size_t max_body, std::size_t max_overhead)
      : max_body_(max_body), max_overhead_(max_overhead) {}

  /// Takes from the front of `input` what belongs to the body, appends the data to `body`; null
  /// discards it.
  DecodeStatus Feed(std::string_view& input, std::string* body);

 private:
  enum class State {
    kSize,
    kBeforeExtension,
    kExtension,
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailerStart,
    kTrailerName,
    kTrailerValue,
    kTrailerLf,
    kFinalLf,
    kEnd,
  };

  void ParseData(std::string_view& input, std::string* body);
  DecodeStatus ParseByte(char c);
  DecodeStatus ParseSizeByte(char c);
  DecodeStatus ParseAfterSize(char c);
  DecodeStatus ParseTrailerName(char c);
  DecodeStatus ParseOverhead(char c, State on_cr);
  DecodeStatus CountOverhead();

  std::size_t max_body_ = 0;
  std::size_t max_overhead_ = 0;
  State state_ = State::kSize;
  int digits_ = 0;
  std::uint64_t chunk_left_ = 0;
  std::uint64_t total_ = 0;
  std::size_t overhead_ = 0;
};

}  // namespace common::http
