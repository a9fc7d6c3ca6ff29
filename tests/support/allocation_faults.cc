#include "tests/support/allocation_faults.h"

#include <cstdlib>
#include <new>

namespace tests {
namespace {

thread_local bool is_armed = false;
thread_local bool has_failed = false;
thread_local std::size_t left = 0;

bool MustFail() {
  if (!is_armed) return false;
  if (left > 0) {
    --left;
    return false;
  }
  has_failed = true;
  return true;
}

}  // namespace

FailingAllocations::FailingAllocations(std::size_t count) {
  has_failed = false;
  left = count;
  is_armed = true;
}

FailingAllocations::~FailingAllocations() { is_armed = false; }

bool FailingAllocations::HasFailed() { return has_failed; }

/// The body of the replaced operators.
void* Allocate(std::size_t size) {
  void* const memory = MustFail() ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace tests

void* operator new(std::size_t size) { return tests::Allocate(size); }
void* operator new[](std::size_t size) { return tests::Allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
