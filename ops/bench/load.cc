// usage: bench-load --port N [--path P] [--authorization TEXT] [--secret TEXT] [--body-bytes N]
//                   [--expect STATUS] [--connections N] [--rate N] [--seconds X] [--run N]
//                   [--ids FILE] [--pid N]…
//
// Sends callbacks to a server on the loopback, one at a time on each connection: without --rate as
// fast as they are answered; with it, at that rate, with latencies since each callback was due.
// After a warm-up of half a second, or --seconds if less, it measures answers per second, CPU and
// context switches per answer of the processes --pid, and latencies. Prints one JSON line
// (load_window.h). Writes the process id of each callback answered 200 to FILE, including those
// before and after the measurement. A different --run gives different ids. With --secret each is an
// event, signed in X-Signature. --body-bytes pads the body to that size. Any other answer than
// --expect, by default 200, is an error.
#include <sys/epoll.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <deque>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/signature/signature.h"
#include "ops/bench/bench_callback.h"
#include "ops/bench/load_connection.h"
#include "ops/bench/load_window.h"
#include "ops/bench/pace.h"
#include "ops/bench/paced_load.h"
#include "ops/simulator/arguments.h"

namespace {

using bench::LoadConnection;
using std::chrono::nanoseconds;
using Clock = std::chrono::steady_clock;

struct Options : bench::PacedLoad {
  int port = 0;
  std::string path = "/callbacks/eid";
  std::string authorization = "none";
  std::string secret;          ///< Empty: no signature.
  std::size_t body_bytes = 0;  ///< At least.
  int expected = 200;
  std::size_t connections = 64;
  std::vector<pid_t> processes;
};

class Load {
 public:
  explicit Load(const Options& options)
      : options_(options),
        poller_(::epoll_create1(EPOLL_CLOEXEC)),
        pace_(options.rate, options.seconds),
        window_(options.processes) {
    for (std::size_t i = 0; i < options_.connections; ++i) {
      connections_.push_back(std::make_unique<LoadConnection>(options_.port));
      epoll_event event{.events = EPOLLIN, .data = {.ptr = connections_.back().get()}};
      ::epoll_ctl(poller_.get(), EPOLL_CTL_ADD, connections_.back()->fd(), &event);
      idle_.push_back(connections_.back().get());
    }
  }

  std::string Run() {
    while (true) {
      const auto now = Clock::now();
      pace_.Tell(window_, now);
      SendDue(now);
      if (pace_.is_over() && idle_.size() == connections_.size()) return window_.ToJson();
      if (pace_.IsTooLate(now)) throw std::runtime_error("answers are missing after 10 s");
      Receive(pace_.NextTurn(now, !idle_.empty()));
    }
  }

  void WriteIds() const { options_.WriteIds(pace_.count()); }

 private:
  void SendDue(Clock::time_point now) {
    while (!idle_.empty()) {
      const auto due = pace_.Take(now);
      if (!due) return;
      LoadConnection& connection = *idle_.front();
      idle_.pop_front();
      connection.Send({.number = pace_.count() - 1, .due = *due}, RequestOf(pace_.count() - 1));
    }
  }

  const std::string& RequestOf(std::uint64_t number) {
    const std::string body = bench::BodyOf(options_.run, number, options_.body_bytes);
    request_ = "POST " + options_.path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: ";
    request_ += options_.authorization;
    if (!options_.secret.empty()) {
      request_ += "\r\nX-Signature: ";
      request_ += common::Sign({.header = "x-signature"}, options_.secret, "", "", body);
    }
    request_ += "\r\nContent-Type: application/json\r\nContent-Length: ";
    request_ += std::to_string(body.size());
    request_ += "\r\n\r\n";
    request_ += body;
    return request_;
  }

  void Receive(nanoseconds timeout) {
    std::array<epoll_event, 256> events;  // NOLINT(*-member-init): filled by epoll
    const timespec limit{.tv_sec = timeout / std::chrono::seconds(1),
                         .tv_nsec = (timeout % std::chrono::seconds(1)).count()};
    const int count = ::epoll_pwait2(poller_.get(), events.data(), events.size(), &limit, nullptr);
    for (int i = 0; i < count; ++i) {
      auto* connection =
          static_cast<LoadConnection*>(events.at(static_cast<std::size_t>(i)).data.ptr);
      const auto answered = connection->Receive();
      if (!answered) continue;
      if (answered->status != options_.expected) {
        throw std::runtime_error("a callback was answered " + std::to_string(answered->status));
      }
      window_.Done(answered->request.due, Clock::now());
      idle_.push_back(connection);
    }
  }

  const Options& options_;
  const common::Fd poller_;
  std::vector<std::unique_ptr<LoadConnection>> connections_;
  std::deque<LoadConnection*> idle_;
  std::string request_;
  bench::Pace pace_;
  bench::LoadWindow window_;
};

Options ReadOptions(const std::vector<std::string_view>& arguments) {
  Options options;
  pid_t process = 0;
  options.ReadOptions(
      arguments,
      {{"port", "a port", simulator::SetNumber(options.port, 1)},
       {"path", "a path", simulator::SetText(options.path)},
       {"authorization", "a text", simulator::SetText(options.authorization)},
       {"secret", "a text", simulator::SetText(options.secret)},
       {"body-bytes", "a number", simulator::SetNumber(options.body_bytes, std::size_t{0})},
       {"expect", "a status", simulator::SetNumber(options.expected, 100)},
       {"connections", "a number", simulator::SetNumber(options.connections, std::size_t{1})},
       {"pid", "a process id", [&](std::string_view value) {
          if (!simulator::SetNumber(process, 1)(value)) return false;
          options.processes.push_back(process);
          return true;
        }}});
  if (options.port == 0) throw std::invalid_argument("--port is missing");
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = ReadOptions({argv + 1, argv + argc});
    Load load(options);
    std::printf("%s\n", load.Run().c_str());
    load.WriteIds();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-load: %s\n", error.what());
    return 1;
  }
}
