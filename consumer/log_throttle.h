#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace consumer {

/// Admits one log line a second for each kind of event; the next line says how many were
/// suppressed.
///
/// Threads: confined to one, or guarded. Time: an argument.
class LogThrottle {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// The number suppressed since the last line of this kind; none: suppress this one too.
  std::optional<std::int64_t> Admit(const std::string& kind, TimePoint now) {
    const auto [entry, is_new] = kinds_.try_emplace(kind, Kind{now, 0});
    Kind& seen = entry->second;
    if (!is_new && now - seen.written_at < std::chrono::seconds(1)) {
      ++seen.suppressed;
      return std::nullopt;
    }
    const std::int64_t suppressed = seen.suppressed;
    seen = {now, 0};
    return suppressed;
  }

 private:
  struct Kind {
    TimePoint written_at;
    std::int64_t suppressed = 0;
  };
  std::map<std::string, Kind> kinds_;
};

}  // namespace consumer
