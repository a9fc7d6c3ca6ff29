#include "common/config/file.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include "common/base/deadline.h"
#include "common/base/fd.h"

namespace common::config {
namespace {

constexpr std::size_t kMostBytes = 1U << 20U;
constexpr std::chrono::seconds kPipeTimeout{2};

Error Unreadable(const std::string& path, int error) {
  return {Remedy::kReject, "file",
          "the file " + path + " cannot be read: " + std::system_category().message(error)};
}

/// False if the deadline passed before bytes arrived. A regular file is always ready.
bool AwaitBytes(const Fd& file, Deadline deadline) {
  pollfd wanted{.fd = file.get(), .events = POLLIN, .revents = 0};
  while (true) {
    const int ready = ::poll(&wanted, 1, static_cast<int>(deadline.Remaining().count()));
    if (ready >= 0 || errno != EINTR) return ready != 0;
  }
}

}  // namespace

Result<std::string> ReadFile(const std::string& path) {
  // O_NONBLOCK: otherwise opening a pipe without a writer would block.
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return Unreadable(path, errno);
  const auto deadline = Deadline::After(kPipeTimeout);
  std::string content;
  std::array<char, 4096> block{};
  while (true) {
    const ssize_t size = ::read(file.get(), block.data(), block.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) {
      if (AwaitBytes(file, deadline)) continue;
      return Unreadable(path, ETIMEDOUT);
    }
    if (size < 0) return Unreadable(path, errno);
    if (size == 0) return content;
    if (content.size() + static_cast<std::size_t>(size) > kMostBytes) {
      return Error{Remedy::kReject, "file", "the file " + path + " is larger than 1 MiB"};
    }
    content.append(block.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace common::config
