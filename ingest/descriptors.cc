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

std::uint64_t ConnectionsWithin(std::uint64_t limit, std::uint64_t wanted, std::uint64_t reserve) {
  constexpr std::uint64_t kForOthers = 128;
  return std::min(wanted, limit - std::min(kForOthers + reserve, limit * 3 / 4));
}

}  // namespace ingest
