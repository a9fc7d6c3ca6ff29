#include "common/http/head.h"

#include <limits>

#include "common/base/text.h"
#include "common/http/characters.h"

namespace common::http {
namespace {

struct RequestLine {
  std::string_view method;
  std::string_view target;
  std::string_view path;
  bool http11 = true;
};

std::optional<std::string_view> PathOf(std::string_view target) {
  if (target == "*") return target;
  if (target.front() != '/') {
    const auto scheme = target.find("://");
    if (scheme == std::string_view::npos) return std::nullopt;
    const std::string_view name = target.substr(0, scheme);
    if (!EqualsIgnoringCase(name, "http") && !EqualsIgnoringCase(name, "https")) {
      return std::nullopt;
    }
    target.remove_prefix(scheme + 3);
    const auto end_of_authority = target.find_first_of("/?#");
    if (end_of_authority == 0 || target.empty()) return std::nullopt;
    if (end_of_authority == std::string_view::npos || target[end_of_authority] != '/') return "/";
    target.remove_prefix(end_of_authority);
  }
  return target.substr(0, target.find_first_of("?#"));
}

/// Of HTTP/1: whoever speaks a higher minor version understands 1.1 (RFC 9110, 2.5).
std::optional<int> MinorVersion(std::string_view version) {
  constexpr std::string_view kMajor = "HTTP/1.";
  if (!version.starts_with(kMajor) || version.size() != kMajor.size() + 1) return std::nullopt;
  const char digit = version.back();
  return digit >= '0' && digit <= '9' ? std::optional(digit - '0') : std::nullopt;
}

std::optional<RequestLine> ParseRequestLine(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == 0 || last <= first + 1) return std::nullopt;
  RequestLine parsed{.method = line.substr(0, first),
                     .target = line.substr(first + 1, last - first - 1),
                     .path = {},
                     .http11 = true};
  const std::optional<int> minor = MinorVersion(line.substr(last + 1));
  if (!minor) return std::nullopt;
  parsed.http11 = *minor > 0;
  if (!AllAre(parsed.method, kTokenChar) || !AllAre(parsed.target, kTargetChar)) {
    return std::nullopt;
  }
  const auto path = PathOf(parsed.target);
  if (!path) return std::nullopt;
  parsed.path = *path;
  return parsed;
}

std::optional<Field> ParseField(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  Field field{line.substr(0, colon), line.substr(colon + 1)};
  if (!AllAre(field.name, kTokenChar) || !AllAre(field.value, kValueChar)) return std::nullopt;
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!field.value.empty() && is_blank(field.value.front())) field.value.remove_prefix(1);
  while (!field.value.empty() && is_blank(field.value.back())) field.value.remove_suffix(1);
  return field;
}

std::optional<std::uint64_t> ParseLength(std::string_view digits) {
  if (digits.empty()) return std::nullopt;
  constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t length = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    length = length > (kMax - digit) / 10 ? kMax : length * 10 + digit;
  }
  return length;
}

/// The fields that frame the message, gathered while the fields go by.
class FramingFields {
 public:
  /// False: the field makes the head malformed.
  bool Read(const Field& field) {
    switch (field.name.size()) {  // spares the comparison for nearly every other field
      case 4:
        return !EqualsIgnoringCase(field.name, "host") || ++hosts_ == 1;
      case 6:
        if (EqualsIgnoringCase(field.name, "expect")) {
          expects_continue_ |= EqualsIgnoringCase(field.value, "100-continue");
        }
        return true;
      case 10:
        if (EqualsIgnoringCase(field.name, "connection")) ReadConnection(field.value);
        return true;
      case 14:
        return !EqualsIgnoringCase(field.name, "content-length") || ReadLength(field.value);
      case 17:
        return !EqualsIgnoringCase(field.name, "transfer-encoding") || ReadCoding(field.value);
      default:
        return true;
    }
  }

  std::optional<HttpFault> Judge(const RequestLine& line, Framing& framing) const {
    if (line.http11 ? hosts_ != 1 : chunked_) return HttpFault::kMalformed;
    if (length_ && chunked_) return HttpFault::kMalformed;
    if (!length_ && !chunked_ && line.method == "POST") return HttpFault::kLengthRequired;
    framing = Framing{.http11 = line.http11,
                      .keep_alive = !close_ && (line.http11 || keep_alive_),
                      .expects_continue = line.http11 && expects_continue_,
                      .chunked = chunked_,
                      .length = length_.value_or(0)};
    return std::nullopt;
  }

 private:
  void ReadConnection(std::string_view list) {
    while (!list.empty()) {
      const auto comma = list.find(',');
      const std::string_view option = TrimAscii(list.substr(0, comma));
      close_ |= EqualsIgnoringCase(option, "close");
      keep_alive_ |= EqualsIgnoringCase(option, "keep-alive");
      list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    }
  }
  bool ReadLength(std::string_view value) {
    if (length_) return false;
    length_ = ParseLength(value);
    return length_.has_value();
  }
  bool ReadCoding(std::string_view value) {
    if (chunked_ || !EqualsIgnoringCase(value, "chunked")) return false;
    chunked_ = true;
    return true;
  }

  int hosts_ = 0;
  bool close_ = false;
  bool keep_alive_ = false;
  bool expects_continue_ = false;
  bool chunked_ = false;
  std::optional<std::uint64_t> length_;
};

}  // namespace

bool IsRequestLine(std::string_view line) { return ParseRequestLine(line).has_value(); }

std::optional<HttpFault> ParseHead(std::string_view bytes, RequestHead& head, Framing& framing) {
  const auto end_of_line = bytes.find("\r\n");
  if (end_of_line == std::string_view::npos) return HttpFault::kMalformed;
  const auto line = ParseRequestLine(bytes.substr(0, end_of_line));
  if (!line) return HttpFault::kMalformed;
  head.method = line->method;
  head.target = line->target;
  head.path = line->path;
  head.fields.clear();

  FramingFields framing_fields;
  std::size_t start = end_of_line + 2;
  while (true) {
    const auto end = bytes.find("\r\n", start);
    if (end == std::string_view::npos) return HttpFault::kMalformed;
    if (end == start) break;
    const auto field = ParseField(bytes.substr(start, end - start));
    if (!field || !framing_fields.Read(*field)) return HttpFault::kMalformed;
    head.fields.push_back(*field);
    start = end + 2;
  }
  return framing_fields.Judge(*line, framing);
}

}  // namespace common::http
