#include "common/json/object_writer.h"

#include <utility>

#include "common/base/utf8.h"

namespace common::json {
namespace {

void AppendControl(std::string& json, char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  switch (c) {
    case '\n':
      json.append("\\n");
      return;
    case '\r':
      json.append("\\r");
      return;
    case '\t':
      json.append("\\t");
      return;
    default:
      json.append("\\u00");
      json.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
      json.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
  }
}

void AppendQuoted(std::string& json, std::string_view text) {
  json.push_back('"');
  while (!text.empty()) {
    const char c = text.front();
    const std::size_t size = Utf8Length(text);
    if (size == 0) {
      json.append("\xEF\xBF\xBD");
    } else if (static_cast<unsigned char>(c) < 0x20) {
      AppendControl(json, c);
    } else {
      if (c == '"' || c == '\\') json.push_back('\\');
      json.append(text.substr(0, size));
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  json.push_back('"');
}

}  // namespace

std::string Quote(std::string_view text) {
  std::string json;
  json.reserve(text.size() + 2);
  AppendQuoted(json, text);
  return json;
}

void ObjectWriter::Name(std::string_view name) {
  if (text_.size() > 1) text_.push_back(',');
  AppendQuoted(text_, name);
  text_.push_back(':');
}

ObjectWriter& ObjectWriter::Text(std::string_view name, std::string_view value) {
  Name(name);
  AppendQuoted(text_, value);
  return *this;
}

ObjectWriter& ObjectWriter::TextOrNull(std::string_view name,
                                       const std::optional<std::string>& value) {
  return value ? Text(name, *value) : Raw(name, "null");
}

ObjectWriter& ObjectWriter::Number(std::string_view name, std::int64_t value) {
  return Raw(name, std::to_string(value));
}

ObjectWriter& ObjectWriter::Bool(std::string_view name, bool value) {
  return Raw(name, value ? "true" : "false");
}

ObjectWriter& ObjectWriter::Raw(std::string_view name, std::string_view json) {
  Name(name);
  text_.append(json);
  return *this;
}

ObjectWriter& ObjectWriter::RawOrNull(std::string_view name,
                                      const std::optional<std::string>& json) {
  return Raw(name, json ? std::string_view(*json) : std::string_view("null"));
}

std::string ObjectWriter::Finish() {
  text_.push_back('}');
  return std::exchange(text_, "{");
}

}  // namespace common::json
