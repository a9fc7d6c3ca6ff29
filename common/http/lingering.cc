#include "common/http/lingering.h"

#include <sys/socket.h>

#include <cerrno>

namespace common::http {
namespace {

constexpr auto kLingerTime = std::chrono::seconds(1);
constexpr std::size_t kDiscardedBesideBody = std::size_t{64} * 1024;

}  // namespace

void Lingering::Begin(const Fd& socket, TimePoint now) {
  since_ = now;
  ::shutdown(socket.get(), SHUT_WR);
}

bool Lingering::Discard(const Fd& socket, std::span<char> buffer, std::size_t max_body) {
  const ssize_t got = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
  if (got > 0) {
    discarded_ += static_cast<std::size_t>(got);
    return discarded_ <= kDiscardedBesideBody + max_body;
  }
  return got < 0 && (errno == EAGAIN || errno == EINTR);
}

Lingering::TimePoint Lingering::due() const { return since_ + kLingerTime; }

}  // namespace common::http
