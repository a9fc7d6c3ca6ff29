// common/http, answering immediately, beside nginx: as many threads as nginx has processes, the
// same requests and answers of the same size.
#include "tests/bench/nginx.h"
#include "tests/bench/sections.h"

namespace bench {
namespace {

constexpr int kThreads = 2;  ///< ingest's default.

std::vector<std::string> LoadOn(int port, const std::vector<pid_t>& pids, int connections,
                                double seconds) {
  std::vector<std::string> arguments{"--port",        std::to_string(port),
                                     "--connections", std::to_string(connections),
                                     "--seconds",     Text(seconds)};
  for (const pid_t pid : pids) {
    arguments.insert(arguments.end(), {"--pid", std::to_string(pid)});
  }
  return arguments;
}

}  // namespace

void MeasureHttp(Bench& bench) {
  const Nginx nginx(bench.directory() / "nginx", kThreads);
  const auto ours = bench.Start("http", "bench-http",
                                {std::to_string(kThreads), std::to_string(nginx.answer_bytes())});
  const int port = static_cast<int>(Bench::AwaitNumber(*ours, "port"));
  for (const int connections : {64, 512}) {
    const std::string n = std::to_string(connections);
    bench.EachRound([&] {
      bench.Measure("nginx." + n, "bench-load",
                    LoadOn(nginx.port(), nginx.Pids(), connections, bench.seconds()));
      bench.Measure("http." + n, "bench-load",
                    LoadOn(port, {ours->pid()}, connections, bench.seconds()));
    });
    bench.Report("common/http, CPU per request, " + n + " connections", "µs",
                 "http." + n + ".cpu_us", {"nginx return 200", "nginx." + n + ".cpu_us", "<= 1.2"});
    bench.Report("common/http, requests, " + n + " connections", "/s", "http." + n + ".per_s",
                 {"nginx return 200", "nginx." + n + ".per_s"});
  }
}

}  // namespace bench
