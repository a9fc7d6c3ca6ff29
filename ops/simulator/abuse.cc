#include "ops/simulator/abuse.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <map>

#include "common/base/deadline.h"
#include "common/base/fd.h"
#include "common/config/address.h"
#include "common/config/secret_file.h"
#include "common/config/units.h"
#include "common/json/object_writer.h"
#include "ops/simulator/arguments.h"
#include "ops/simulator/bad_client.h"

namespace simulator {

std::string_view AbuseHelp() {
  return R"(assure-sim abuse --target ADDRESS:PORT [options]: clients that misbehave

Opens connections to ingest that abort, send slowly, keep silent, flood, do not read their answers or
break the framing. Then prints one line of JSON to stdout.

  --target ADDRESS:PORT        for example 127.0.0.1:8080
  --path PATH                  default /callbacks
  --authorization-file FILE    its first line: Authorization of the clients that abort
  --connections N              at a time, default 100
  --rate N                     new connections per second at most, default 500
  --duration DURATION          default 10s
)";
}

namespace {

using Clock = std::chrono::steady_clock;

struct Tally {
  std::map<std::string_view, std::int64_t> connections;  ///< By the kind of client.
  std::map<std::string, std::int64_t> first_statuses;
  std::int64_t not_connected = 0;
};

/// A connection of one bad client.
class BadConnection {
 public:
  BadConnection(const BadClient& client, common::Fd socket, Clock::time_point now)
      : client_(&client), socket_(std::move(socket)), next_send_(now), leaves_(now + client.stay) {}

  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] short Wants(Clock::time_point now) const {
    const int reads = client_->resets ? 0 : POLLIN;
    const int writes = HasMore() && next_send_ <= now ? POLLOUT : 0;
    return static_cast<short>(reads | writes);
  }
  [[nodiscard]] Clock::time_point NextDue() const {
    return HasMore() ? std::min(next_send_, leaves_) : leaves_;
  }

  /// Returns false once it has ended.
  bool Go(short ready, Clock::time_point now, Tally& tally) {
    if (now >= leaves_) return false;
    if ((ready & POLLIN) != 0 && !Receive(tally)) return false;
    if ((ready & POLLOUT) != 0 && !SendSome(now)) return false;
    return (ready & (POLLERR | POLLHUP)) == 0 && (HasMore() || !client_->resets);
  }

 private:
  [[nodiscard]] bool HasMore() const { return sent_ < client_->bytes.size(); }

  bool Receive(Tally& tally) {
    std::array<char, 4096> buffer{};
    const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (size <= 0) return false;
    constexpr std::string_view kVersion = "HTTP/1.1 ";
    const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
    if (!is_answered_ && text.starts_with(kVersion)) {
      ++tally.first_statuses[std::string(text.substr(kVersion.size(), 3))];
    }
    is_answered_ = true;
    return true;
  }

  bool SendSome(Clock::time_point now) {
    const std::string_view rest = std::string_view(client_->bytes).substr(sent_, client_->chunk);
    const ssize_t size = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (size < 0) return false;
    sent_ += static_cast<std::size_t>(size);
    next_send_ = now + client_->pause;
    return true;
  }

  const BadClient* client_;
  common::Fd socket_;
  std::size_t sent_ = 0;
  bool is_answered_ = false;
  Clock::time_point next_send_;
  Clock::time_point leaves_;
};

/// Returns a non-blocking socket that resets the connection when closed.
common::Fd Connect(const AbuseOptions& options) {
  common::Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  ::inet_pton(AF_INET, options.host.c_str(), &address.sin_addr);
  const linger reset{.l_onoff = 1, .l_linger = 0};
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
      errno == EINPROGRESS) {
    return socket;
  }
  return {};
}

/// All connections; new ones get the kinds of clients in turn.
class Crowd {
 public:
  explicit Crowd(const AbuseOptions& options)
      : options_(options), clients_(BadClients(options.path, options.authorization)) {}

  void Fill(Clock::time_point now) {
    while (connections_.size() < static_cast<std::size_t>(options_.connections) &&
           next_open_ <= now) {
      next_open_ = std::max(next_open_, now - std::chrono::seconds(1)) +
                   std::chrono::nanoseconds(std::nano::den / options_.rate);
      const BadClient& client = clients_[turn_++ % clients_.size()];
      common::Fd socket = Connect(options_);
      ++(socket ? tally_.connections[client.name] : tally_.not_connected);
      if (socket) connections_.emplace_back(client, std::move(socket), now);
    }
  }

  void Go(Clock::time_point until, int stop_fd) {
    const Clock::time_point now = Clock::now();
    polled_.assign(1, {.fd = stop_fd, .events = POLLIN, .revents = 0});
    Clock::time_point due = std::min(until, std::max(next_open_, now));
    for (const BadConnection& connection : connections_) {
      polled_.push_back({.fd = connection.fd(), .events = connection.Wants(now), .revents = 0});
      due = std::min(due, connection.NextDue());
    }
    const auto wait = std::clamp(common::Deadline(due).Remaining(), std::chrono::milliseconds(1),
                                 std::chrono::milliseconds(100));
    (void)::poll(polled_.data(), polled_.size(), static_cast<int>(wait.count()));
    std::size_t index = 1;
    const Clock::time_point then = Clock::now();
    std::erase_if(connections_, [&](BadConnection& connection) {
      return !connection.Go(polled_[index++].revents, then, tally_);
    });
  }

  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  const AbuseOptions& options_;
  const std::vector<BadClient> clients_;
  std::vector<BadConnection> connections_;
  std::vector<pollfd> polled_;
  std::size_t turn_ = 0;
  Clock::time_point next_open_{};
  Tally tally_;
};

}  // namespace

common::Result<AbuseOptions> ParseAbuseOptions(const std::vector<std::string_view>& arguments) {
  AbuseOptions parsed;
  std::string authorization_file;
  const std::vector<Option> options{
      {"target", "ADDRESS:PORT, IPv4",
       [&](std::string_view value) {
         const auto address = common::config::ParseAddress(value);
         in_addr ignored{};
         if (!address || ::inet_pton(AF_INET, address->host.c_str(), &ignored) != 1) return false;
         parsed.host = address->host;
         parsed.port = address->port;
         return true;
       }},
      {"path", "a path", SetText(parsed.path)},
      {"authorization-file", "a file", SetText(authorization_file)},
      {"connections", "a number of at least 1", SetNumber(parsed.connections, 1)},
      {"rate", "a number of at least 1", SetNumber(parsed.rate, 1)},
      {"duration", "a duration such as 10s", [&](std::string_view value) {
         const auto duration = common::config::ParseDuration(value);
         if (duration) parsed.duration = *duration;
         return duration.has_value();
       }}};
  if (const auto read = ParseArguments(arguments, options); !read) return read.error();
  if (parsed.host.empty()) return BadArguments("--target is required");
  if (!authorization_file.empty()) {
    const auto lines = common::config::ReadSecretLines(authorization_file);
    if (!lines) return lines.error();
    parsed.authorization = lines->front();
  }
  return parsed;
}

std::string Abuse(const AbuseOptions& options, const common::Shutdown& shutdown) {
  Crowd crowd(options);
  const auto end = Clock::now() + options.duration;
  while (!shutdown.IsRequested() && Clock::now() < end) {
    crowd.Fill(Clock::now());
    crowd.Go(end, shutdown.fd());
  }
  common::json::ObjectWriter connections;
  for (const auto& [name, count] : crowd.tally().connections) connections.Number(name, count);
  common::json::ObjectWriter statuses;
  for (const auto& [status, count] : crowd.tally().first_statuses) statuses.Number(status, count);
  return common::json::ObjectWriter()
      .Raw("connections", connections.Finish())
      .Number("not_connected", crowd.tally().not_connected)
      .Raw("first_statuses", statuses.Finish())
      .Finish();
}

}  // namespace simulator
