#include "ops/bench/load_window.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "ops/bench/measuring.h"

namespace bench {
namespace {

std::uint64_t SwitchesOf(pid_t process) {
  constexpr std::string_view kName = "ctxt_switches:";  // voluntary_ and nonvoluntary_
  std::uint64_t switches = 0;
  const std::filesystem::path tasks = "/proc/" + std::to_string(process) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    std::ifstream status(task.path() / "status");
    std::string line;
    while (std::getline(status, line)) {
      const auto at = line.find(kName);
      if (at != std::string::npos) switches += std::stoull(line.substr(at + kName.size()));
    }
  }
  return switches;
}

}  // namespace

Usage UsageOf(const std::vector<pid_t>& processes) {
  Usage usage;
  for (const pid_t process : processes) {
    usage.cpu_seconds += CpuSecondsOfProcess(process);
    usage.switches += SwitchesOf(process);
  }
  return usage;
}

void LoadWindow::Begin(Clock::time_point now) {
  before_ = UsageOf(processes_);
  begun_ = now;
}

void LoadWindow::End(Clock::time_point now) {
  after_ = UsageOf(processes_);
  ended_ = now;
}

void LoadWindow::Done(Clock::time_point due, Clock::time_point now) {
  if (now >= begun_ && now < ended_) ++done_;
  if (due >= begun_ && due < ended_) latencies_.Add(now - due);
}

std::string LoadWindow::ToJson() const {
  const auto done = static_cast<double>(done_);
  const std::chrono::duration<double> seconds = ended_ - begun_;
  // The counts of ended threads are gone.
  const double switches =
      std::max(0.0, static_cast<double>(after_.switches) - static_cast<double>(before_.switches));
  std::array<char, 320> text{};
  std::snprintf(
      text.data(), text.size(),
      R"({"done":%.0f,"per_s":%.1f,"cpu_us":%.3f,"switches":%.3f,"p50_ms":%.3f,"p99_ms":%.3f,"p999_ms":%.3f,"max_ms":%.3f})",
      done, done / seconds.count(), (after_.cpu_seconds - before_.cpu_seconds) * 1e6 / done,
      switches / done, latencies_.Percentile(0.5).count(), latencies_.Percentile(0.99).count(),
      latencies_.Percentile(0.999).count(), latencies_.max().count());
  return text.data();
}

}  // namespace bench
