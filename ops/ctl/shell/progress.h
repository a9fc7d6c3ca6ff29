#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "ops/ctl/shell/output.h"

namespace ctl {

/// "callbacks.dead: 120000 of 1000000 (12 %), 40000/s, 22s left"
[[nodiscard]] std::string RenderProgress(std::string_view what, std::int64_t done,
                                         std::int64_t total, std::chrono::milliseconds elapsed);

/// Shows the progress of a long operation: one line on a person's terminal, redrawn in place. Shows
/// nothing without a terminal or with --json.
///
/// Threads: confined to one.
class Progress {
 public:
  /// Starts the clock for the rate.
  Progress(Output& output, std::string what);
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// May be called for every record: it draws only a few times a second.
  void Show(std::int64_t done, std::int64_t total);
  /// Erases the line, so that other output can take its place.
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;

  Output& output_;
  std::string what_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_;  ///< The earliest time of the next drawing.
  bool is_drawn_ = false;
};

}  // namespace ctl
