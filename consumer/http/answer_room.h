#pragma once

#include <cstddef>

namespace consumer {

/// What the bodies of all answers together may hold, in bytes.
///
/// Threads: confined to the transport's.
class AnswerRoom {
 public:
  explicit AnswerRoom(std::size_t size) : free_(size) {}

  /// False, and nothing taken, if there is less than that.
  bool Take(std::size_t size) {
    if (size > free_) return false;
    free_ -= size;
    return true;
  }
  void Return(std::size_t size) { free_ += size; }

 private:
  std::size_t free_;
};

}  // namespace consumer
