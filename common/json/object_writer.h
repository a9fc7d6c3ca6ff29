#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace common::json {

/// `text` as a JSON string. Replaces each invalid UTF-8 byte with U+FFFD.
[[nodiscard]] std::string Quote(std::string_view text);

/// Writes one JSON object, member by member.
///
///   ObjectWriter().Text("provider", name).Raw("process", json).Finish()
class ObjectWriter {
 public:
  ObjectWriter& Text(std::string_view name, std::string_view value);
  ObjectWriter& TextOrNull(std::string_view name, const std::optional<std::string>& value);
  ObjectWriter& Number(std::string_view name, std::int64_t value);
  ObjectWriter& Bool(std::string_view name, bool value);
  /// Embeds `json` unchanged. Precondition: `json` is a JSON value.
  ObjectWriter& Raw(std::string_view name, std::string_view json);
  ObjectWriter& RawOrNull(std::string_view name, const std::optional<std::string>& json);

  /// Closes the object. The writer is empty afterwards.
  [[nodiscard]] std::string Finish();

 private:
  void Name(std::string_view name);

  std::string text_ = "{";
};

}  // namespace common::json
