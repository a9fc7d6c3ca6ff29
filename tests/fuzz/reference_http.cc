#include "tests/fuzz/reference_http.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>

namespace fuzz {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

/// RFC 9110, 5.6.2.
bool IsToken(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return (c < 0x80 && std::isalnum(c) != 0) || kOthers.find(static_cast<char>(c)) != kOthers.npos;
  });
}

/// RFC 9110, 5.5: field-content, white space and obs-text, but nothing that could end a line.
bool IsFieldText(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c == '\t' || (c >= ' ' && c != 0x7f); });
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return lower;
}

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

/// The rest of a stream.
class Cursor {
 public:
  explicit Cursor(std::string_view stream) : stream_(stream) {}

  [[nodiscard]] std::size_t at() const { return at_; }

  /// nullopt if the line is incomplete.
  std::optional<std::string_view> ReadLine() {
    const std::size_t end = stream_.find(kLineEnd, at_);
    if (end == stream_.npos) return std::nullopt;
    const std::string_view line = stream_.substr(at_, end - at_);
    at_ = end + kLineEnd.size();
    return line;
  }
  std::optional<std::string_view> Read(std::size_t count) {
    if (stream_.size() - at_ < count) return std::nullopt;
    at_ += count;
    return stream_.substr(at_ - count, count);
  }

 private:
  std::string_view stream_;
  std::size_t at_ = 0;
};

using Fields = std::multimap<std::string, std::string>;

/// RFC 9112, 5, without line folding.
bool ReadField(std::string_view line, Fields& fields) {
  const std::size_t colon = line.find(':');
  if (colon == line.npos) return false;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = line.substr(colon + 1);
  if (!IsToken(name) || !IsFieldText(value)) return false;
  fields.emplace(Lower(name), Trim(value));
  return true;
}

bool IsTarget(std::string_view target) {
  const bool is_visible = std::all_of(target.begin(), target.end(),
                                      [](unsigned char c) { return c > ' ' && c != 0x7f; });
  if (!is_visible || target.empty()) return false;
  if (target == "*" || target.front() == '/') return true;
  const std::string lower = Lower(target);
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!lower.starts_with(scheme)) continue;
    const std::string_view rest = target.substr(scheme.size());
    return !rest.empty() && std::string_view("/?#").find(rest.front()) == std::string_view::npos;
  }
  return false;
}

struct RequestLine {
  std::string_view method;
  bool is_1_0 = false;
};

std::optional<RequestLine> ReadRequestLine(std::string_view line) {
  if (std::count(line.begin(), line.end(), ' ') != 2) return std::nullopt;
  const std::size_t first = line.find(' ');
  const std::size_t second = line.rfind(' ');
  const std::string_view version = line.substr(second + 1);
  const bool is_version = version.size() == 8 && version.starts_with("HTTP/1.") &&
                          std::string_view("0123456789").find(version[7]) != version.npos;
  if (!is_version || !IsToken(line.substr(0, first)) ||
      !IsTarget(line.substr(first + 1, second - first - 1))) {
    return std::nullopt;
  }
  return RequestLine{.method = line.substr(0, first), .is_1_0 = version[7] == '0'};
}

/// nullopt if it is not a number or exceeds `most`.
std::optional<std::size_t> ReadNumber(std::string_view digits, int base, std::size_t most) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (digits.empty()) return std::nullopt;
  std::size_t number = 0;
  for (const char c : Lower(digits)) {
    const std::size_t value = kDigits.substr(0, static_cast<std::size_t>(base)).find(c);
    if (value == kDigits.npos) return std::nullopt;
    number = std::min(number, most + 1) * static_cast<std::size_t>(base) + value;
  }
  return number > most ? std::nullopt : std::optional(number);
}

/// RFC 9112, 7.1, with white space only before an extension.
std::optional<std::string> ReadChunked(Cursor& cursor, const ReferenceLimits& limits) {
  std::string body;
  std::size_t dropped = 0;
  while (true) {
    const auto line = cursor.ReadLine();
    if (!line) return std::nullopt;
    const std::size_t end_of_size = std::min(line->find_first_of(" \t;"), line->size());
    const std::string_view extension = line->substr(end_of_size);
    const bool has_extension = extension.find(';') != extension.npos &&
                               Trim(extension.substr(0, extension.find(';'))).empty();
    if (end_of_size > 16 || !IsFieldText(extension) || (!extension.empty() && !has_extension)) {
      return std::nullopt;
    }
    const auto size = ReadNumber(line->substr(0, end_of_size), 16, limits.max_body - body.size());
    dropped += extension.size();
    if (!size || dropped > limits.max_head) return std::nullopt;
    if (*size == 0) break;
    const auto data = cursor.Read(*size);
    if (!data || cursor.Read(2) != kLineEnd) return std::nullopt;
    body += *data;
  }
  Fields trailers;
  while (true) {
    const auto line = cursor.ReadLine();
    if (!line) return std::nullopt;
    if (line->empty()) return body;
    dropped += line->size();
    if (!ReadField(*line, trailers) || dropped > limits.max_head) return std::nullopt;
  }
}

std::optional<std::string> ReadBody(Cursor& cursor, const RequestLine& line, const Fields& fields,
                                    const ReferenceLimits& limits) {
  const std::size_t hosts = fields.count("host");
  const std::size_t lengths = fields.count("content-length");
  const std::size_t codings = fields.count("transfer-encoding");
  if (hosts > 1 || (hosts == 0 && !line.is_1_0)) return std::nullopt;
  if (lengths + codings > 1 || (codings > 0 && line.is_1_0)) return std::nullopt;
  if (codings > 0) {
    if (Lower(fields.find("transfer-encoding")->second) != "chunked") return std::nullopt;
    return ReadChunked(cursor, limits);
  }
  if (lengths == 0) return line.method == "POST" ? std::nullopt : std::optional(std::string());
  const auto length = ReadNumber(fields.find("content-length")->second, 10, limits.max_body);
  const auto body = length ? cursor.Read(*length) : std::nullopt;
  return body ? std::optional<std::string>(*body) : std::nullopt;
}

std::optional<std::string> ReadRequest(Cursor& cursor, const ReferenceLimits& limits) {
  auto line = cursor.ReadLine();
  for (int empty = 1; line && line->empty(); ++empty) {
    if (empty > 8) return std::nullopt;
    line = cursor.ReadLine();
  }
  if (!line) return std::nullopt;
  std::size_t head = line->size() + kLineEnd.size();
  const auto request_line = ReadRequestLine(*line);
  if (!request_line) return std::nullopt;
  Fields fields;
  while (true) {
    line = cursor.ReadLine();
    if (!line) return std::nullopt;
    head += line->size() + kLineEnd.size();
    if (line->empty()) break;
    if (!ReadField(*line, fields)) return std::nullopt;
  }
  if (head > limits.max_head) return std::nullopt;
  return ReadBody(cursor, *request_line, fields, limits);
}

}  // namespace

std::vector<ReferenceRequest> ReadReferenceRequests(std::string_view stream,
                                                    const ReferenceLimits& limits) {
  std::vector<ReferenceRequest> requests;
  Cursor cursor(stream);
  while (auto body = ReadRequest(cursor, limits)) {
    requests.push_back({.end = cursor.at(), .body = *std::move(body)});
  }
  return requests;
}

}  // namespace fuzz
