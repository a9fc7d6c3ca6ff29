#include "ingest/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace ingest {

std::uint64_t RaiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

std::uint64_t ConnectionsWithin(std::uint64_t limit, std::uint64_t wanted) {
  constexpr std::uint64_t kForOthers = 128;
  const std::uint64_t for_others = std::min(kForOthers, limit / 2);
  return std::min(wanted, limit - for_others);
}

}  // namespace ingest
