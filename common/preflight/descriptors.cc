#include "common/preflight/descriptors.h"

#include <sys/resource.h>

#include <string>

namespace common::preflight {

std::optional<DescriptorLimits> ReadDescriptorLimits() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return DescriptorLimits{.soft = limit.rlim_cur, .hard = limit.rlim_max};
}

void JudgeDescriptors(std::optional<std::uint64_t> limit, std::uint64_t needed,
                      const std::string& need_of, Report& report) {
  if (!limit) {
    return report.Add(Check::kDescriptors, Verdict::kUnasked,
                      "the limit of open files is unreadable: look at it with `ulimit -n`");
  }
  const std::string allowed = std::to_string(*limit) + " open files are allowed, ";
  const std::string wanted = need_of + " may need " + std::to_string(needed);
  if (*limit >= needed) return report.Add(Check::kDescriptors, Verdict::kOk, allowed + wanted);
  report.Add(Check::kDescriptors, Verdict::kWarning,
             allowed + "but " + wanted + ": raise LimitNOFILE= of the unit, or `ulimit -n`, to " +
                 std::to_string(needed));
}

}  // namespace common::preflight
