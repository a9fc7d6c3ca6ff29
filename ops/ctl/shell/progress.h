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

/// How far something long has come: one line on a person's terminal, drawn anew in its place;
/// nothing anywhere else, and nothing with --json.
///
/// Threads: confined to one.
class Progress {
 public:
  /// The time runs from here.
  Progress(Output& output, std::string what);
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Cheap enough for every record: it draws a few times a second at most.
  void Show(std::int64_t done, std::int64_t total);
  /// Takes the line away, for something else to be written there.
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;

  Output& output_;
  std::string what_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_;  ///< Not drawn before.
  bool is_drawn_ = false;
};

}  // namespace ctl
