#pragma once

#include <cstddef>

namespace consumer {

/// Bounds the bytes of all answer bodies together.
///
/// Threads: confined to the transport's.
class AnswerBudget {
 public:
  explicit AnswerBudget(std::size_t size) : free_(size) {}

  /// False, and takes nothing, if less is free.
  bool Reserve(std::size_t size) {
    if (size > free_) return false;
    free_ -= size;
    return true;
  }
  void Return(std::size_t size) { free_ += size; }

 private:
  std::size_t free_;
};

}  // namespace consumer
