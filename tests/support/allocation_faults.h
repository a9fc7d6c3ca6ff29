#pragma once

#include <cstddef>
#include <new>

namespace tests {

/// During its lifetime, this thread's allocations fail from the `count`th on (0: from the first
/// on). Requires linking test_allocation_faults, which replaces operator new.
///
/// Lifetime: one at a time per thread.
class FailingAllocations {
 public:
  explicit FailingAllocations(std::size_t count);
  ~FailingAllocations();
  FailingAllocations(const FailingAllocations&) = delete;
  FailingAllocations& operator=(const FailingAllocations&) = delete;

  /// True if an allocation has failed.
  [[nodiscard]] static bool HasFailed();
};

/// Calls `run` with its allocations failing from the first one on, then from the second one on, and
/// so on until none fails. `run` may throw std::bad_alloc. Calls `check` after each run, with
/// memory.
template <typename Prepare, typename Run, typename Check>
void ForEachFailingAllocation(Prepare prepare, Run run, Check check) {
  bool has_failed = true;
  for (std::size_t count = 0; has_failed; ++count) {
    auto world = prepare();
    {
      const FailingAllocations faults(count);
      try {
        run(*world);
      } catch (const std::bad_alloc&) {
      }
      has_failed = FailingAllocations::HasFailed();
    }
    check(*world, has_failed);
  }
}

}  // namespace tests
