#include "common/telemetry/process_metrics.h"

#include <prometheus/client_metric.h>
#include <prometheus/metric_type.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

#include "common/base/rfc3339.h"

namespace common {
namespace {

using prometheus::MetricType;

double SecondsOf(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

std::optional<double> CpuSeconds() {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return std::nullopt;
  return SecondsOf(usage.ru_utime) + SecondsOf(usage.ru_stime);
}

/// proc(5), /proc/PID/statm: the second number.
std::optional<double> ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  double total = 0;
  double resident = 0;
  if (!(file >> total >> resident)) return std::nullopt;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

std::optional<double> OpenDescriptors() {
  std::error_code error;
  std::filesystem::directory_iterator open("/proc/self/fd", error);
  double count = 0;
  while (!error && open != std::filesystem::directory_iterator()) {
    ++count;
    open.increment(error);
  }
  if (error) return std::nullopt;
  return count - 1;  // The folder itself.
}

std::optional<double> MostDescriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return static_cast<double>(limit.rlim_cur);
}

/// proc(5), /proc/PID/stat: the 22nd field, in ticks since boot. The second field, the name, may
/// contain spaces and parentheses.
std::optional<double> StartTime() {
  constexpr int kFieldsBetween = 19;
  std::ifstream file("/proc/self/stat");
  std::string text;
  if (!std::getline(file, text)) return std::nullopt;
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < kFieldsBetween; ++i) fields >> skipped;
  double ticks = 0;
  timespec since_boot{};
  if (!(fields >> ticks) || ::clock_gettime(CLOCK_BOOTTIME, &since_boot) != 0) return std::nullopt;
  const double started = ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
  const double now =
      static_cast<double>(since_boot.tv_sec) + 1e-9 * static_cast<double>(since_boot.tv_nsec);
  return std::chrono::duration<double>(WallNow().time_since_epoch()).count() - (now - started);
}

void Add(std::vector<prometheus::MetricFamily>& families, MetricType type, std::string name,
         std::string help, std::optional<double> value) {
  if (!value) return;
  prometheus::ClientMetric metric;
  if (type == MetricType::Counter) {
    metric.counter.value = *value;
  } else {
    metric.gauge.value = *value;
  }
  families.push_back({std::move(name), std::move(help), type, {std::move(metric)}});
}

}  // namespace

ProcessMetrics::ProcessMetrics() : started_at_(StartTime()) {}

std::vector<prometheus::MetricFamily> ProcessMetrics::Collect() const {
  std::vector<prometheus::MetricFamily> families;
  const auto add = [&](MetricType type, const char* name, const char* help,
                       std::optional<double> value) { Add(families, type, name, help, value); };
  add(MetricType::Counter, "process_cpu_seconds_total", "CPU time of all threads", CpuSeconds());
  add(MetricType::Gauge, "process_resident_memory_bytes", "memory in RAM", ResidentBytes());
  add(MetricType::Gauge, "process_open_fds", "open file descriptors", OpenDescriptors());
  add(MetricType::Gauge, "process_max_fds", "file descriptors allowed", MostDescriptors());
  add(MetricType::Gauge, "process_start_time_seconds", "start, as Unix time", started_at_);
  return families;
}

}  // namespace common
