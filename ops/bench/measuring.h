#pragma once

#include <sys/resource.h>
#include <time.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "common/base/number.h"
#include "common/base/result.h"

namespace bench {

/// A bench ends at the first error.
template <typename T>
T OrThrow(common::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

[[nodiscard]] inline double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// User and system time, by a clock from clock_getcpuclockid(3).
[[nodiscard]] inline double CpuSecondsOf(clockid_t clock) {
  timespec used{};
  if (clock_gettime(clock, &used) != 0) throw std::runtime_error("the process is gone");
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

/// Of all threads of this process.
[[nodiscard]] inline double CpuSeconds() { return CpuSecondsOf(CLOCK_PROCESS_CPUTIME_ID); }

/// Of all threads, running or ended, of any process.
[[nodiscard]] inline double CpuSecondsOfProcess(int pid) {
  clockid_t clock{};
  if (clock_getcpuclockid(pid, &clock) != 0) throw std::runtime_error("no such process");
  return CpuSecondsOf(clock);
}

/// A line of /proc/self/status such as VmRSS (current) or VmHWM (peak), in bytes.
[[nodiscard]] inline double OwnMemory(const std::string& field) {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with(field + ":")) return std::atof(line.c_str() + field.size() + 1) * 1024;
  }
  return 0;
}

[[nodiscard]] inline std::uint64_t NumberOf(const std::string& text) {
  const auto number = common::ParseNumber<std::uint64_t>(text);
  if (!number) throw std::runtime_error(text + " is no number");
  return *number;
}

}  // namespace bench
