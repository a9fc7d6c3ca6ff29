#include "common/config/section.h"

#include <cmath>
#include <cstdint>

#include "common/base/number.h"
#include "common/base/text.h"
#include "common/config/units.h"

namespace common::config {
namespace {

std::string Shown(int value) { return std::to_string(value); }
std::string Shown(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}
std::string Shown(std::chrono::milliseconds value) { return FormatDuration(value); }
std::string Shown(std::size_t value) { return FormatSize(value); }

/// "must be between 10ms and 10s", or "must be at least 1" if the range has no upper bound.
template <typename T>
std::string Describe(const Range<T>& range) {
  if (range.max == Range<T>().max) return "must be at least " + Shown(range.min);
  return "must be between " + Shown(range.min) + " and " + Shown(range.max);
}

/// Sets `out` if the value is within the range. Precondition: `value` is not empty.
template <typename T>
bool Accept(const Section& section, std::string_view key, const std::optional<T>& value,
            const Range<T>& range, T& out) {
  if (*value < range.min || *value > range.max) {
    section.Mistake(key, Describe(range));
    return false;
  }
  out = *value;
  return true;
}

constexpr std::string_view kDuration = "a duration such as 500ms, 4s or 12h";

}  // namespace

std::optional<Section> Section::Child(std::string_view key) const {
  std::optional<Mapping> mapping = FindMapping(key);
  if (!mapping) return std::nullopt;
  return Section(*std::move(mapping));
}

bool Section::ReadText(std::string_view key, std::string& out) const {
  std::optional<std::string> text = FindScalar(key, "a string");
  if (!text) return false;
  out = std::move(*text);
  return true;
}

bool Section::Read(std::string_view key, std::string& out) const {
  std::string text;
  if (!ReadText(key, text)) return false;
  if (text.empty()) {
    Mistake(key, "must not be empty");
    return false;
  }
  out = std::move(text);
  return true;
}

bool Section::Read(std::string_view key, bool& out) const {
  constexpr std::string_view kExpected = "true or false";
  const std::optional<std::string> text = FindScalar(key, kExpected);
  if (!text) return false;
  if (*text != "true" && *text != "false") return Wrong(key, kExpected);
  out = *text == "true";
  return true;
}

bool Section::Read(std::string_view key, int& out, Range<int> range) const {
  constexpr std::string_view kExpected = "a whole number";
  const std::optional<std::string> text = FindScalar(key, kExpected);
  if (!text) return false;
  const std::optional<int> number = ParseNumber<int>(*text);
  return number ? Accept(*this, key, number, range, out) : Wrong(key, kExpected);
}

bool Section::Read(std::string_view key, double& out, Range<double> range) const {
  constexpr std::string_view kExpected = "a number";
  const std::optional<std::string> text = FindScalar(key, kExpected);
  if (!text) return false;
  const std::optional<double> number = ParseNumber<double>(*text);
  if (!number || !std::isfinite(*number)) return Wrong(key, kExpected);
  return Accept(*this, key, number, range, out);
}

bool Section::Read(std::string_view key, std::chrono::milliseconds& out,
                   DurationRange range) const {
  const std::optional<std::string> text = FindScalar(key, kDuration);
  if (!text) return false;
  const std::optional<std::chrono::milliseconds> duration = ParseDuration(*text);
  return duration ? Accept(*this, key, duration, range, out) : Wrong(key, kDuration);
}

bool Section::Read(std::string_view key, std::chrono::seconds& out, DurationRange range) const {
  std::chrono::milliseconds duration{};
  if (!Read(key, duration, range)) return false;
  if (duration % std::chrono::seconds(1) != std::chrono::milliseconds(0)) {
    return Wrong(key, "whole seconds");
  }
  out = std::chrono::duration_cast<std::chrono::seconds>(duration);
  return true;
}

bool Section::ReadSize(std::string_view key, std::size_t& out, Range<std::size_t> range) const {
  constexpr std::string_view kExpected = "a size such as 64KiB, 1MiB or 1GiB";
  const std::optional<std::string> text = FindScalar(key, kExpected);
  if (!text) return false;
  const std::optional<std::uint64_t> size = ParseSize(*text);
  return size ? Accept(*this, key, size, range, out) : Wrong(key, kExpected);
}

bool Section::Read(std::string_view key, Address& out) const {
  constexpr std::string_view kExpected =
      "an address and a port, such as 0.0.0.0:8080 or [::1]:9100";
  const std::optional<std::string> text = FindScalar(key, kExpected);
  if (!text) return false;
  const std::optional<Address> address = ParseAddress(*text);
  if (!address) return Wrong(key, kExpected);
  out = *address;
  return true;
}

bool Section::Read(std::string_view key, std::vector<std::string>& out) const {
  std::optional<std::vector<std::string>> texts = FindList(key);
  if (!texts) return false;
  out = std::move(*texts);
  return true;
}

bool Section::Read(std::string_view key, std::vector<std::chrono::seconds>& out) const {
  const std::optional<std::vector<std::string>> texts = FindList(key);
  if (!texts) return false;
  std::vector<std::chrono::seconds> durations;
  for (const std::string& text : *texts) {
    const std::optional<std::chrono::milliseconds> duration = ParseDuration(text);
    if (!duration || *duration % std::chrono::seconds(1) != std::chrono::milliseconds(0)) {
      return Wrong(key, "a list of durations in whole seconds, such as [30s, 2m]");
    }
    durations.push_back(std::chrono::duration_cast<std::chrono::seconds>(*duration));
  }
  out = std::move(durations);
  return true;
}

bool Section::Read(std::string_view key, std::map<std::string, std::string>& out) const {
  const std::optional<Section> section = Child(key);
  if (!section) return false;
  std::map<std::string, std::string> read;
  bool is_right = true;
  for (const std::string& name : section->Keys()) {
    std::optional<std::string> text = section->FindScalar(name, "a string or a number");
    is_right = is_right && text.has_value();
    if (text) read.emplace(name, std::move(*text));
  }
  if (is_right) out = std::move(read);
  return is_right;
}

bool Section::ReadChoice(std::string_view key, const std::vector<std::string_view>& choices,
                         std::size_t& out) const {
  std::string expected;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) expected += i + 1 == choices.size() ? " or " : ", ";
    expected += choices[i];
  }
  const std::optional<std::string> text = FindScalar(key, expected);
  if (!text) return false;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (choices[i] != *text) continue;
    out = i;
    return true;
  }
  return Wrong(key, expected);
}

}  // namespace common::config
