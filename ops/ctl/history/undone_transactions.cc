#include "ops/ctl/history/undone_transactions.h"

#include <algorithm>

namespace ctl {

std::size_t UndoneTransactions::Count() {
  std::ranges::sort(aborted_);
  aborted_.erase(std::unique(aborted_.begin(), aborted_.end()), aborted_.end());
  std::ranges::sort(visible_);
  return static_cast<std::size_t>(std::ranges::count_if(
      aborted_, [&](std::size_t hash) { return std::ranges::binary_search(visible_, hash); }));
}

}  // namespace ctl
