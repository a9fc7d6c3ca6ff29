#pragma once

#include <cstddef>
#include <new>

namespace tests {

/// While it lives, allocations of this thread fail from the `count`th on (0: the first one). For
/// suites that link test_allocation_faults, which replaces operator new.
///
/// Lifetime: one at a time in a thread.
class FailingAllocations {
 public:
  explicit FailingAllocations(std::size_t count);
  ~FailingAllocations();
  FailingAllocations(const FailingAllocations&) = delete;
  FailingAllocations& operator=(const FailingAllocations&) = delete;

  /// Whether one has failed.
  [[nodiscard]] static bool HasFailed();
};

/// Calls `run` with its first allocation failing, then its second one, and so on until it needs no
/// more of them. It may throw std::bad_alloc. `check` is called after each, with memory.
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
