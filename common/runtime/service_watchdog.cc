#include "common/runtime/service_watchdog.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/base/number.h"

namespace common {
namespace {

constexpr std::string_view kAlive = "WATCHDOG=1";
constexpr int kSignsInALimit = 4;

std::optional<std::int64_t> ReadNumber(const std::optional<std::string>& text) {
  return text ? ParseNumber<std::int64_t>(*text) : std::nullopt;
}

Fd Open(bool is_wanted) {
  return Fd(is_wanted ? ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1);
}

}  // namespace

std::optional<WatchdogRequest> FindWatchdogRequest(const config::Environment& environment,
                                                   std::int64_t own_process) {
  const auto socket = environment("NOTIFY_SOCKET");
  const auto limit = ReadNumber(environment("WATCHDOG_USEC"));
  const auto process = environment("WATCHDOG_PID");
  if (!socket || socket->empty() || !limit || *limit <= 0) return std::nullopt;
  if (socket->size() >= sizeof(sockaddr_un::sun_path)) return std::nullopt;
  if (process && ReadNumber(process) != own_process) return std::nullopt;
  return WatchdogRequest{
      *socket, std::chrono::ceil<std::chrono::milliseconds>(std::chrono::microseconds(*limit))};
}

ServiceWatchdog::ServiceWatchdog(std::optional<WatchdogRequest> request, FindStalled find_stalled,
                                 const Logger& log)
    : request_(std::move(request)),
      find_stalled_(std::move(find_stalled)),
      log_(log),
      socket_(Open(request_.has_value())),
      thread_([this](const std::stop_token& end) { Run(end); }) {}

void ServiceWatchdog::Run(const std::stop_token& end) {
  if (!request_) return;
  std::unique_lock lock(mutex_);
  while (!end.stop_requested()) {
    Look();
    ended_.wait_for(lock, end, request_->limit / kSignsInALimit, [] { return false; });
  }
}

void ServiceWatchdog::Look() {
  const auto stalled = find_stalled_();
  if (!stalled) Send();
  if (stalled && !is_stalled_) {
    log_.Error("service.stalled", {{"what", *stalled}, {"limit_ms", request_->limit.count()}});
  }
  if (!stalled && is_stalled_) log_.Info("service.recovered");
  is_stalled_ = stalled.has_value();
}

void ServiceWatchdog::Send() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::ranges::copy(request_->socket, std::begin(address.sun_path));
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const std::size_t length = offsetof(sockaddr_un, sun_path) + request_->socket.size();
  const auto sent =
      ::sendto(socket_.get(), kAlive.data(), kAlive.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
               reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(length));
  const bool is_unreachable = sent < 0;
  if (is_unreachable && !is_unreachable_) {
    log_.Warn("service.unreachable", {{"why", std::system_category().message(errno)},
                                      {"limit_ms", request_->limit.count()}});
  }
  is_unreachable_ = is_unreachable;
}

}  // namespace common
