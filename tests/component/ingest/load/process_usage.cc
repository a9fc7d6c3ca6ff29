#include "tests/component/ingest/load/process_usage.h"

#include <unistd.h>

#include <filesystem>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>

#include "tests/support/temp_directory.h"

namespace ingest {
namespace {

/// Reads "VmRSS:   1234 kB" as bytes.
std::size_t FieldOf(const std::string& status, const std::string& name) {
  const std::size_t found = status.find("\n" + name + ":");
  if (found == std::string::npos) return 0;
  return std::stoul(status.substr(found + name.size() + 2)) * 1024;
}

/// Reads fields 14 and 15 of /proc/<pid>/stat. Field 2, a name in brackets, may contain blanks.
std::chrono::milliseconds CpuOf(const std::string& stat) {
  std::istringstream fields(stat.substr(stat.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  long user = 0;
  long system = 0;
  fields >> user >> system;
  return std::chrono::milliseconds((user + system) * 1000 / ::sysconf(_SC_CLK_TCK));
}

}  // namespace

ProcessUsage UsageOf(pid_t process) {
  const std::filesystem::path proc = "/proc/" + std::to_string(process);
  std::error_code gone;
  const std::filesystem::directory_iterator descriptors(proc / "fd", gone);
  if (gone) return {};
  const std::string status = tests::ReadFile(proc / "status");
  return {.memory = FieldOf(status, "VmRSS"),
          .peak_memory = FieldOf(status, "VmHWM"),
          .descriptors = static_cast<std::size_t>(
              std::distance(descriptors, std::filesystem::directory_iterator())),
          .cpu = CpuOf(tests::ReadFile(proc / "stat"))};
}

}  // namespace ingest
