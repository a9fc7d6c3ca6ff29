#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/guarded.h"

namespace common {

/// Writes lines to a descriptor behind which nobody may be reading: a journal that hangs, a
/// terminal that is held. Waits a moment for room, then drops lines, at once, until there is some
/// again, and says how many: {"event":"log.dropped",…,"lines":12}.
///
/// Threads: any. A line of at most 4 KiB is one write(2).
/// Time:    at most 100 ms for the first line without room, nothing for those after it.
class LineWriter {
 public:
  LineWriter(int fd, std::string service) : fd_(fd), service_(std::move(service)) {}

  /// `line` ends with its newline.
  void Write(std::string_view line);

 private:
  struct State {
    std::uint64_t dropped = 0;  ///< Since the last line that was written. Not 0: do not wait.
    bool is_cut = false;        ///< The last line was written in part.
  };

  bool Put(State& state, std::string_view line) const;
  [[nodiscard]] std::string DroppedLine(std::uint64_t lines) const;

  const int fd_;
  const std::string service_;
  Guarded<State> state_;
};

}  // namespace common
