#include "common/telemetry/log.h"

#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <memory>

#include "common/base/rfc3339.h"
#include "common/base/utf8.h"
#include "common/telemetry/line_writer.h"

namespace common {
namespace {

/// Control characters, quotes and backslashes are escaped; bytes that are not UTF-8 become '?', so
/// that every line is valid JSON.
void AppendQuoted(std::string& line, std::string_view text) {
  line.push_back('"');
  while (!text.empty()) {
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
}

void AppendValue(std::string& line, const LogField& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value())) {
    AppendQuoted(line, *text);
  } else if (const auto* truth = std::get_if<bool>(&field.value())) {
    line.append(*truth ? "true" : "false");
  } else if (const auto* number = std::get_if<double>(&field.value())) {
    std::array<char, 32> digits{};
    std::snprintf(digits.data(), digits.size(), "%.6g", *number);
    line.append(std::isfinite(*number) ? digits.data() : "null");
  } else {
    line.append(std::to_string(std::get<std::int64_t>(field.value())));
  }
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
  AppendQuoted(line, event);
  line.append(",\"level\":");
  AppendQuoted(line, level);
  line.append(",\"time\":");
  AppendQuoted(line, FormatRfc3339(WallNow()));
  line.append(",\"service\":");
  AppendQuoted(line, service_);
  for (const LogField& field : fields) {
    line.push_back(',');
    AppendQuoted(line, field.key());
    line.push_back(':');
    AppendValue(line, field);
  }
  line.append("}\n");
  sink_(line);
}

}  // namespace common
