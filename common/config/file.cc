#include "common/config/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include "common/base/fd.h"

namespace common::config {
namespace {

constexpr std::size_t kMostBytes = 1U << 20U;

Error Unreadable(const std::string& path, int error) {
  return {Remedy::kReject, "file",
          "the file " + path + " cannot be read: " + std::system_category().message(error)};
}

}  // namespace

Result<std::string> ReadFile(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return Unreadable(path, errno);
  std::string content;
  std::array<char, 4096> block{};
  while (true) {
    const ssize_t size = ::read(file.get(), block.data(), block.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Unreadable(path, errno);
    if (size == 0) return content;
    if (content.size() + static_cast<std::size_t>(size) > kMostBytes) {
      return Error{Remedy::kReject, "file", "the file " + path + " is larger than 1 MiB"};
    }
    content.append(block.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace common::config
