#include "common/telemetry/line_writer.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/base/deadline.h"
#include "common/base/rfc3339.h"

namespace common {
namespace {

constexpr std::chrono::milliseconds kLongestWait{100};
/// A pipe or socket that polls as writable accepts this much without blocking.
constexpr std::size_t kPiece = 4096;

/// False if there is no room by the deadline.
bool AwaitRoom(int fd, Deadline deadline) {
  pollfd wanted{.fd = fd, .events = POLLOUT, .revents = 0};
  while (true) {
    const int ready = ::poll(&wanted, 1, static_cast<int>(deadline.Remaining().count()));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

}  // namespace

void LineWriter::Write(std::string_view line) {
  state_.With([&](State& state) {
    if (state.dropped > 0) {
      const std::uint64_t dropped = state.dropped;
      if (!Put(state, DroppedLine(dropped))) {
        state.dropped = dropped + 1;
        return;
      }
      state.dropped = 0;
    }
    if (!Put(state, line)) ++state.dropped;
  });
}

bool LineWriter::Put(State& state, std::string_view line) const {
  const Deadline deadline =
      Deadline::After(state.dropped > 0 ? std::chrono::milliseconds(0) : kLongestWait);
  if (state.is_cut) {
    if (!AwaitRoom(fd_, deadline)) return false;
    state.is_cut = ::write(fd_, "\n", 1) != 1;
  }
  while (!line.empty()) {
    if (!AwaitRoom(fd_, deadline)) return false;
    const ssize_t written = ::write(fd_, line.data(), std::min(line.size(), kPiece));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return true;  // No one can be told of this error.
    line.remove_prefix(static_cast<std::size_t>(written));
    state.is_cut = !line.empty();
  }
  return true;
}

std::string LineWriter::DroppedLine(std::uint64_t lines) const {
  return R"({"event":"log.dropped","level":"warn","time":")" + FormatRfc3339(WallNow()) +
         R"(","service":")" + service_ + R"(","lines":)" + std::to_string(lines) + "}\n";
}

}  // namespace common
