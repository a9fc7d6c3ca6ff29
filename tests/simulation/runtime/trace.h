#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/runtime/runtime.h"

namespace simulation {

/// All events of a history, as a hash, and on demand as text.
class Trace {
 public:
  void KeepText() { keeps_text_ = true; }
  [[nodiscard]] bool keeps_text() const { return keeps_text_; }

  void Note(Time now, std::string_view what, std::int64_t first = 0, std::int64_t second = 0) {
    Mix(static_cast<std::uint64_t>(now.time_since_epoch().count()));
    for (const char c : what) Mix(static_cast<unsigned char>(c));
    Mix(static_cast<std::uint64_t>(first));
    Mix(static_cast<std::uint64_t>(second));
    ++notes_;
    if (!keeps_text_) return;
    const auto since = now - Time(std::chrono::hours(1'000));
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(since).count();
    std::string line = std::to_string(us / 1'000'000) + "." +
                       std::to_string(1'000'000 + us % 1'000'000).substr(1) + "  ";
    line.append(what).append(" ").append(std::to_string(first));
    lines_.push_back(line.append(" ").append(std::to_string(second)));
  }

  [[nodiscard]] std::uint64_t hash() const { return hash_; }
  [[nodiscard]] std::uint64_t notes() const { return notes_; }
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

 private:
  void Mix(std::uint64_t value) {
    hash_ = (hash_ ^ value) * 0x100000001b3ULL;
    hash_ ^= hash_ >> 29;
  }

  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
  std::uint64_t notes_ = 0;
  bool keeps_text_ = false;
  std::vector<std::string> lines_;
};

}  // namespace simulation
