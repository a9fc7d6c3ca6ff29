// usage: bench-fetches fetch URL COUNT CONCURRENCY
//        bench-fetches watch COUNT PID@ADMIN…
//
// fetch: fetches process and dossier of COUNT callbacks with libcurl alone, CONCURRENCY requests at a
// time. URL is that of assure-sim. Prints seconds and CPU-seconds.
//
// watch: waits until the consumers with these pids and admin addresses have counted COUNT
// callbacks. Prints callbacks, seconds and CPU-seconds since the first count above 0.
#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "ops/bench/bare_fetches.h"
#include "ops/bench/measuring.h"
#include "ops/simulator/synthetic_callback.h"

namespace {

using bench::NumberOf;
using std::chrono::steady_clock;

/// The callbacks of a load of assure-sim, one after the other.
simulator::SyntheticCallback FactOf(std::uint64_t n) {
  static const auto mix = simulator::ProviderMix::Parse("onfido:4,eid:3,readid:3,paper,connect");
  return simulator::MakeCallback(*mix, 1, n);
}

int Fetch(const std::string& url, std::uint64_t count, std::size_t concurrency) {
  bench::BareFetches fetches(url, concurrency);
  const auto start = steady_clock::now();
  const double cpu = bench::CpuSeconds();
  std::uint64_t started = 0;
  for (std::uint64_t done = 0; done < count;) {
    while (started < count && fetches.HasRoom()) {
      const auto fact = FactOf(started);
      fetches.Start(started++, fact.dossier_id, fact.process_id);
    }
    done += fetches.Await(std::chrono::seconds(1)).size();
  }
  std::printf("%.6f %.6f\n", bench::SecondsSince(start), bench::CpuSeconds() - cpu);
  return 0;
}

std::uint64_t CountedIn(const std::string& metrics) {
  constexpr std::string_view kName = "\nsluice_consumer_callbacks_total{";
  std::uint64_t sum = 0;
  for (std::size_t at = metrics.find(kName); at != std::string::npos;
       at = metrics.find(kName, at + 1)) {
    const std::size_t end = metrics.find("} ", at);
    sum += static_cast<std::uint64_t>(std::strtod(metrics.c_str() + end + 2, nullptr));
  }
  return sum;
}

struct Instance {
  int pid = 0;
  std::string metrics;  ///< URL
};

Instance InstanceOf(const std::string& text) {
  const std::size_t at = text.find('@');
  if (at == std::string::npos) throw std::runtime_error(text + " is no PID@ADMIN");
  return {static_cast<int>(NumberOf(text.substr(0, at))),
          "http://" + text.substr(at + 1) + "/metrics"};
}

double CpuSecondsOf(const std::vector<Instance>& instances) {
  double sum = 0;
  for (const Instance& instance : instances) sum += bench::CpuSecondsOfProcess(instance.pid);
  return sum;
}

int Watch(std::uint64_t count, const std::vector<Instance>& instances) {
  constexpr std::chrono::milliseconds kEvery{50};
  const bench::Easy easy(curl_easy_init());
  const auto begun = steady_clock::now();
  const auto await = [&](std::uint64_t least) {
    while (true) {
      std::uint64_t counted = 0;
      for (const Instance& instance : instances) {
        counted += CountedIn(bench::Ask(easy.get(), instance.metrics));
      }
      if (counted >= least) return counted;
      if (bench::SecondsSince(begun) > 300) throw std::runtime_error("it takes more than 5 min");
      std::this_thread::sleep_for(kEvery);
    }
  };
  const std::uint64_t first = await(1);
  const double cpu = CpuSecondsOf(instances);
  const auto start = steady_clock::now();
  const std::uint64_t last = await(count);
  std::printf("%llu %.6f %.6f\n", static_cast<unsigned long long>(last - first),
              bench::SecondsSince(start), CpuSecondsOf(instances) - cpu);
  return last == count ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    const std::string_view command = argc > 2 ? argv[1] : "";
    if (command == "fetch" && argc == 5)
      return Fetch(argv[2], NumberOf(argv[3]), NumberOf(argv[4]));
    if (command == "watch" && argc > 3) {
      std::vector<Instance> instances;
      for (int i = 3; i < argc; ++i) instances.push_back(InstanceOf(argv[i]));
      return Watch(NumberOf(argv[2]), instances);
    }
    std::fputs("usage: bench-fetches fetch|watch …\n", stderr);
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-fetches: %s\n", error.what());
    return 1;
  }
}
