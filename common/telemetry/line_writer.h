#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/guarded.h"

namespace common {

/// Writes lines to a descriptor whose reader may hang: a stuck journal, a stopped terminal. Waits
/// briefly for room. Then drops lines immediately until there is room again, and reports how many:
/// {"event":"log.dropped",…,"lines":12}.
///
/// Threads: any. Writes a line of at most 4 KiB with one write(2).
/// Time:    waits at most 100 ms for the first line without room, and not at all for later ones.
class LineWriter {
 public:
  LineWriter(int fd, std::string service) : fd_(fd), service_(std::move(service)) {}

  /// `line` ends with its newline.
  void Write(std::string_view line);

 private:
  struct State {
    std::uint64_t dropped = 0;  ///< Since the last written line. If not 0, do not wait.
    bool is_cut = false;        ///< The last line was written only in part.
  };

  bool Put(State& state, std::string_view line) const;
  [[nodiscard]] std::string DroppedLine(std::uint64_t lines) const;

  const int fd_;
  const std::string service_;
  Guarded<State> state_;
};

}  // namespace common
