#include "common/http/chunked.h"

#include <algorithm>

#include "common/http/characters.h"

namespace common::http {
namespace {

constexpr int kMaxSizeDigits = 16;

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

ChunkedDecoder::DecodeStatus ChunkedDecoder::Feed(std::string_view& input, std::string* body) {
  while (!input.empty() && state_ != State::kEnd) {
    if (state_ == State::kData) {
      ParseData(input, body);
      continue;
    }
    const DecodeStatus status = ParseByte(input.front());
    if (status != DecodeStatus::kMore) return status;
    input.remove_prefix(1);
  }
  return state_ == State::kEnd ? DecodeStatus::kEnd : DecodeStatus::kMore;
}

void ChunkedDecoder::ParseData(std::string_view& input, std::string* body) {
  const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_left_, input.size()));
  if (body != nullptr) body->append(input.substr(0, take));
  input.remove_prefix(take);
  chunk_left_ -= take;
  if (chunk_left_ == 0) state_ = State::kDataCr;
}

ChunkedDecoder::DecodeStatus ChunkedDecoder::ParseByte(char c) {
  const auto expect = [this, c](char wanted, State next) {
    if (c != wanted) return DecodeStatus::kMalformed;
    state_ = next;
    return DecodeStatus::kMore;
  };
  switch (state_) {
    case State::kSize:
      return ParseSizeByte(c);
    case State::kBeforeExtension:
      return ParseAfterSize(c);
    case State::kExtension:
      return ParseOverhead(c, State::kSizeLf);
    case State::kSizeLf:
      return expect('\n', chunk_left_ == 0 ? State::kTrailerStart : State::kData);
    case State::kDataCr:
      return expect('\r', State::kDataLf);
    case State::kDataLf:
      digits_ = 0;
      return expect('\n', State::kSize);
    case State::kTrailerStart:
      if (c == '\r') return expect('\r', State::kFinalLf);
      if (c == ':') return DecodeStatus::kMalformed;
      state_ = State::kTrailerName;
      return ParseTrailerName(c);
    case State::kTrailerName:
      return ParseTrailerName(c);
    case State::kTrailerValue:
      return ParseOverhead(c, State::kTrailerLf);
    case State::kTrailerLf:
      return expect('\n', State::kTrailerStart);
    case State::kFinalLf:
      return expect('\n', State::kEnd);
    case State::kData:
    case State::kEnd:
      break;
  }
  return DecodeStatus::kMalformed;
}

ChunkedDecoder::DecodeStatus ChunkedDecoder::ParseSizeByte(char c) {
  if (const int value = HexValue(c); value >= 0) {
    if (++digits_ > kMaxSizeDigits) return DecodeStatus::kMalformed;
    chunk_left_ = chunk_left_ * 16 + static_cast<std::uint64_t>(value);
    return DecodeStatus::kMore;
  }
  const bool is_end = c == '\r' || c == ';' || c == ' ' || c == '\t';
  if (digits_ == 0 || !is_end) return DecodeStatus::kMalformed;
  if (chunk_left_ > max_body_ - total_) return DecodeStatus::kTooLarge;
  total_ += chunk_left_;
  if (c == '\r') {
    state_ = State::kSizeLf;
    return DecodeStatus::kMore;
  }
  state_ = State::kBeforeExtension;
  return ParseAfterSize(c);
}

ChunkedDecoder::DecodeStatus ChunkedDecoder::ParseAfterSize(char c) {
  if (c == ';') {
    state_ = State::kExtension;
  } else if (c != ' ' && c != '\t') {
    return DecodeStatus::kMalformed;
  }
  return CountOverhead();
}

ChunkedDecoder::DecodeStatus ChunkedDecoder::ParseTrailerName(char c) {
  if (c == ':') {
    state_ = State::kTrailerValue;
  } else if (!Is(c, kTokenChar)) {
    return DecodeStatus::kMalformed;
  }
  return CountOverhead();
}

ChunkedDecoder::DecodeStatus ChunkedDecoder::ParseOverhead(char c, State on_cr) {
  if (c == '\r') {
    state_ = on_cr;
    return DecodeStatus::kMore;
  }
  return Is(c, kValueChar) ? CountOverhead() : DecodeStatus::kMalformed;
}

ChunkedDecoder::DecodeStatus ChunkedDecoder::CountOverhead() {
  return ++overhead_ > max_overhead_ ? DecodeStatus::kOverheadTooLarge : DecodeStatus::kMore;
}

}  // namespace common::http
