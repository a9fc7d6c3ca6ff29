#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace common {

/// One named value of a log line. Values may be ids, numbers, names from closed sets and error
/// texts; never a body, a query string, an Authorization value, a token or a secret.
class LogField {
 public:
  LogField(std::string_view key, std::string_view value) : key_(key), value_(value) {}
  LogField(std::string_view key, const char* value) : LogField(key, std::string_view(value)) {}
  LogField(std::string_view key, const std::string& value)
      : LogField(key, std::string_view(value)) {}
  LogField(std::string_view key, bool value) : key_(key), value_(value) {}
  LogField(std::string_view key, double value) : key_(key), value_(value) {}
  template <typename Integer, typename = std::enable_if_t<std::is_integral_v<Integer>>>
  LogField(std::string_view key, Integer value)
      : key_(key), value_(static_cast<std::int64_t>(value)) {}

  [[nodiscard]] std::string_view key() const { return key_; }
  [[nodiscard]] const std::variant<std::string_view, bool, double, std::int64_t>& value() const {
    return value_;
  }

 private:
  std::string_view key_;
  std::variant<std::string_view, bool, double, std::int64_t> value_;
};

/// Writes one JSON object per line: {"event":…,"level":…,"time":…,"service":…, fields…}. Values may
/// be of any length, since a callback may send an id of a megabyte: the logger cuts a long value,
/// ends it with "…" and omits fields that do not fit. The last field of such a line is
/// "truncated":true.
///
/// Event names are literals in dotted lower case, `subject.verb`: "callback.stored".
///
/// Threads: any. Lines never mix.
class Logger {
 public:
  using Sink = std::function<void(std::string_view line)>;
  static constexpr std::size_t kLongestLine = 8192;  ///< In bytes, the newline included.
  static constexpr std::size_t kLongestValue = 2048;

  /// Logs to stderr through a LineWriter, so a hanging reader of the log blocks no thread for long.
  explicit Logger(const std::string& service);
  /// Passes each line with its newline to `sink`; for tests.
  Logger(std::string service, Sink sink);

  void Debug(std::string_view event, std::initializer_list<LogField> fields = {}) const;
  void Info(std::string_view event, std::initializer_list<LogField> fields = {}) const;
  void Warn(std::string_view event, std::initializer_list<LogField> fields = {}) const;
  void Error(std::string_view event, std::initializer_list<LogField> fields = {}) const;

 private:
  void Write(std::string_view level, std::string_view event,
             std::initializer_list<LogField> fields) const;

  std::string service_;
  Sink sink_;
};

}  // namespace common
