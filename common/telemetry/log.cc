#include "common/telemetry/log.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <memory>

#include "common/base/rfc3339.h"
#include "common/base/utf8.h"
#include "common/telemetry/line_writer.h"

namespace common {
namespace {

constexpr std::string_view kCut = "\xE2\x80\xA6";  ///< "…"
/// Room at the end of a line for "…", quotes and "truncated".
constexpr std::size_t kReserve = 64;

/// Escapes control characters, quotes and backslashes, and replaces invalid UTF-8 with '?', so that
/// every line is valid JSON. After `most` bytes, cuts the text and appends "…". False if it cut.
bool AppendQuoted(std::string& line, std::string_view text, std::size_t most) {
  const std::size_t end = line.size() + most;
  line.push_back('"');
  while (!text.empty()) {
    if (line.size() >= end) {
      line.append(kCut).push_back('"');
      return false;
    }
    const char c = text.front();
    const std::size_t length = Utf8Length(text);
    if (c == '"' || c == '\\') {
      line.push_back('\\');
      line.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(c));
      line.append(escaped.data());
    } else if (length == 0) {
      line.push_back('?');
    } else {
      line.append(text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  line.push_back('"');
  return true;
}

/// False if it cut the value.
bool AppendValue(std::string& line, const LogField& field, std::size_t most) {
  if (const auto* text = std::get_if<std::string_view>(&field.value())) {
    return AppendQuoted(line, *text, most);
  }
  if (const auto* truth = std::get_if<bool>(&field.value())) {
    line.append(*truth ? "true" : "false");
  } else if (const auto* number = std::get_if<double>(&field.value())) {
    std::array<char, 32> digits{};
    std::snprintf(digits.data(), digits.size(), "%.6g", *number);
    line.append(std::isfinite(*number) ? digits.data() : "null");
  } else {
    line.append(std::to_string(std::get<std::int64_t>(field.value())));
  }
  return true;
}

/// False if it cut or omitted the field. A field without a key says nothing.
bool AppendField(std::string& line, const LogField& field) {
  if (field.key().empty()) return true;
  const std::size_t size = line.size() + field.key().size() + kReserve;
  if (size >= Logger::kLongestLine) return false;
  line.push_back(',');
  AppendQuoted(line, field.key(), Logger::kLongestValue);
  line.push_back(':');
  return AppendValue(line, field, std::min(Logger::kLongestValue, Logger::kLongestLine - size));
}

}  // namespace

Logger::Logger(const std::string& service)
    : Logger(service, [writer = std::make_shared<LineWriter>(STDERR_FILENO, service)](
                          std::string_view line) { writer->Write(line); }) {}

Logger::Logger(std::string service, Sink sink)
    : service_(std::move(service)), sink_(std::move(sink)) {}

void Logger::Debug(std::string_view event, std::initializer_list<LogField> fields) const {
  Write("debug", event, fields);
}
void Logger::Info(std::string_view event, std::initializer_list<LogField> fields) const {
  Write("info", event, fields);
}
void Logger::Warn(std::string_view event, std::initializer_list<LogField> fields) const {
  Write("warn", event, fields);
}
void Logger::Error(std::string_view event, std::initializer_list<LogField> fields) const {
  Write("error", event, fields);
}

void Logger::Write(std::string_view level, std::string_view event,
                   std::initializer_list<LogField> fields) const {
  std::string line = "{\"event\":";
  bool is_whole = AppendQuoted(line, event, kLongestValue);
  const std::string time = FormatRfc3339(WallNow());
  for (const LogField& field :
       {LogField("level", level), LogField("time", time), LogField("service", service_)}) {
    is_whole &= AppendField(line, field);
  }
  for (const LogField& field : fields) is_whole &= AppendField(line, field);
  line.append(is_whole ? "}\n" : ",\"truncated\":true}\n");
  sink_(line);
}

}  // namespace common
