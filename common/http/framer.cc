#include "common/http/framer.h"

#include <algorithm>
#include <vector>

#include "common/http/characters.h"
#include "common/http/heap_bytes.h"

namespace common::http {
namespace {

constexpr int kMaxEmptyLines = 8;           // before a request line; some old clients send one
constexpr std::size_t kMaxFieldsKept = 64;  // of capacity, between requests

/// `view` of `from` as the same view of the copy `to`.
std::string_view Moved(std::string_view view, std::string_view from, std::string_view to) {
  if (view.data() < from.data() || view.data() > from.data() + from.size()) return view;
  return to.substr(static_cast<std::size_t>(view.data() - from.data()), view.size());
}

/// Makes room for `more` bytes, of which there will be `most` in the end: twice what there was, but
/// not more than that. (A string of its own would double once more at the end.)
void Grow(std::string& text, std::size_t more, std::size_t most) {
  const std::size_t needed = std::min(text.size() + more, most);
  if (needed <= text.capacity()) return;
  std::string grown;
  grown.reserve(std::min(std::max(needed, 2 * text.capacity()), most));
  grown.append(text);
  text.swap(grown);
}

/// Empties it and gives its memory back: an idle connection holds none.
void Release(std::string& text) { std::string().swap(text); }

}  // namespace

HeadScanner::ScanStatus HeadScanner::Scan(std::string_view bytes) {
  const std::size_t from = seen_;
  while (true) {
    const auto lf = bytes.find('\n', seen_);
    if (lf == std::string_view::npos) break;
    if (lf == 0 || bytes[lf - 1] != '\r') return ScanStatus::kMalformed;
    const std::string_view line = bytes.substr(line_start_, lf - 1 - line_start_);
    line_start_ = seen_ = lf + 1;
    if (line.empty()) return first_line_ ? ScanStatus::kMalformed : ScanStatus::kEnd;
    if (first_line_ && from > 0 && !IsRequestLine(line)) return ScanStatus::kMalformed;
    first_line_ = false;
  }
  if (from == 0 && !first_line_ && !IsRequestLine(bytes.substr(0, bytes.find("\r\n")))) {
    return ScanStatus::kMalformed;
  }
  if (!TailIsPlausible(bytes, from)) return ScanStatus::kMalformed;
  seen_ = bytes.size();
  return ScanStatus::kMore;
}

bool HeadScanner::TailIsPlausible(std::string_view bytes, std::size_t from) const {
  // A CR may have been the last byte looked at before: then it must have a LF now.
  if (from > 0 && bytes[from - 1] == '\r' && from < bytes.size() && bytes[from] != '\n') {
    return false;
  }
  for (std::size_t i = from; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (Is(c, kValueChar) || c == '\n') continue;
    if (c != '\r' || (i + 1 < bytes.size() && bytes[i + 1] != '\n')) return false;
  }
  if (!first_line_) return true;
  const std::string_view method = bytes.substr(0, bytes.find_first_of(" \r"));
  return !method.empty() && AllAre(method, kTokenChar);
}

Framer::Step Framer::Read(std::string_view& input) {
  switch (state_) {
    case State::kHead:
      return ReadHead(input);
    case State::kBody:
    case State::kSkip:
      return framing_.chunked ? ReadChunked(input) : ReadSized(input);
    case State::kAdmission:
      return Step::kHead;
    case State::kDone:
      return Step::kRequest;
  }
  return Step::kMore;
}

Framer::Step Framer::Fail(HttpFault fault) {
  fault_ = fault;
  return Step::kFault;
}

bool Framer::SkipEmptyLines(std::string_view& input) {
  if (head_bytes_ == "\r" && !input.empty() && input.front() == '\n') {
    head_bytes_.clear();
    input.remove_prefix(1);
    ++empty_lines_;
  }
  while (head_bytes_.empty() && input.starts_with("\r\n")) {
    input.remove_prefix(2);
    ++empty_lines_;
  }
  return empty_lines_ <= kMaxEmptyLines;
}

Framer::Step Framer::ReadHead(std::string_view& input) {
  if (!SkipEmptyLines(input)) return Fail(HttpFault::kMalformed);
  if (input.empty()) return Step::kMore;
  const std::size_t before = head_bytes_.size();
  // In one piece (nearly always): no copy.
  const bool in_place = before == 0;
  const std::string_view piece = input.substr(0, max_head_ - std::min(max_head_, before));
  if (!in_place) head_bytes_.append(piece);
  head_source_ = in_place ? piece : std::string_view(head_bytes_);
  if (head_source_ == "\r") {  // perhaps the first half of an empty line
    head_bytes_ = "\r";
    input = {};
    return Step::kMore;
  }
  switch (scanner_.Scan(head_source_)) {
    case HeadScanner::ScanStatus::kMalformed:
      return Fail(HttpFault::kMalformed);
    case HeadScanner::ScanStatus::kMore:
      if (head_source_.size() >= max_head_) return Fail(HttpFault::kHeadTooLarge);
      if (in_place) head_bytes_.assign(piece);
      input = {};
      return Step::kMore;
    case HeadScanner::ScanStatus::kEnd:
      break;
  }
  input.remove_prefix(scanner_.end() - before);
  head_source_ = head_source_.substr(0, scanner_.end());
  if (const auto fault = ParseHead(head_source_, head_, framing_)) return Fail(*fault);
  state_ = State::kAdmission;
  return Step::kHead;
}

void Framer::ReadBody() {
  state_ = State::kBody;
  chunked_ = ChunkedDecoder(max_body_, max_head_);
}

void Framer::SkipBody(std::size_t limit) {
  state_ = State::kSkip;
  Release(head_bytes_);
  head_source_ = {};
  std::vector<Field>().swap(head_.fields);
  chunked_ = ChunkedDecoder(limit, max_head_);
}

Framer::Step Framer::ReadSized(std::string_view& input) {
  if (framing_.length > max_body_) return Fail(HttpFault::kBodyTooLarge);
  const auto left = static_cast<std::size_t>(framing_.length - received_);
  if (input.size() >= left) {
    const std::string_view rest = input.substr(0, left);
    input.remove_prefix(left);
    if (state_ == State::kBody) {
      if (!body_.empty()) {
        Grow(body_, rest.size(), body_.size() + rest.size());
        body_.append(rest);
      }
      body_view_ = body_.empty() ? rest : std::string_view(body_);
    }
    state_ = State::kDone;
    return Step::kRequest;
  }
  KeepHead();
  if (state_ == State::kBody) {
    Grow(body_, input.size(), static_cast<std::size_t>(framing_.length));
    body_.append(input);
  }
  received_ += input.size();
  input = {};
  return Step::kMore;
}

Framer::Step Framer::ReadChunked(std::string_view& input) {
  const std::size_t before = input.size();
  if (state_ == State::kBody) Grow(body_, before, max_body_);
  const auto status = chunked_.Feed(input, state_ == State::kBody ? &body_ : nullptr);
  received_ += before - input.size();
  switch (status) {
    case ChunkedDecoder::DecodeStatus::kMore:
      KeepHead();
      return Step::kMore;
    case ChunkedDecoder::DecodeStatus::kEnd:
      if (state_ == State::kBody) body_view_ = body_;
      state_ = State::kDone;
      return Step::kRequest;
    case ChunkedDecoder::DecodeStatus::kTooLarge:
      return Fail(HttpFault::kBodyTooLarge);
    case ChunkedDecoder::DecodeStatus::kOverheadTooLarge:
      return Fail(HttpFault::kHeadTooLarge);
    case ChunkedDecoder::DecodeStatus::kMalformed:
      break;
  }
  return Fail(HttpFault::kMalformed);
}

/// The input is about to go away, the head is needed until the body is complete.
void Framer::KeepHead() {
  if (state_ != State::kBody || head_source_.data() == head_bytes_.data()) return;
  const std::string_view from = head_source_;
  head_bytes_.assign(from);
  head_source_ = head_bytes_;
  head_.method = Moved(head_.method, from, head_source_);
  head_.target = Moved(head_.target, from, head_source_);
  head_.path = Moved(head_.path, from, head_source_);
  for (Field& field : head_.fields) {
    field.name = Moved(field.name, from, head_source_);
    field.value = Moved(field.value, from, head_source_);
  }
}

/// Many short fields take more memory than the head that they are views of.
std::size_t Framer::HeldBytes() const {
  const std::size_t fields = InBody() ? head_.fields.capacity() * sizeof(Field) : 0;
  return HeapBytes(head_bytes_) + HeapBytes(body_) + fields;
}

void Framer::Next() {
  state_ = State::kHead;
  empty_lines_ = 0;
  scanner_ = HeadScanner();
  received_ = 0;
  head_source_ = {};
  body_view_ = {};
  Release(head_bytes_);
  Release(body_);
  head_.fields.clear();
  if (head_.fields.capacity() > kMaxFieldsKept) head_.fields.shrink_to_fit();
}

}  // namespace common::http
