#pragma once

#include <cstddef>
#include <deque>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include "consumer/lane/completion.h"

namespace consumer {

/// Completions in order, and the bytes of their records.
///
/// Threads: confined to the lane.
class CompletionQueue {
 public:
  CompletionQueue() = default;

  void Add(Completion completion) {
    bytes_ += completion.record.bytes();
    completions_.push_back(std::move(completion));
  }
  /// Precondition: it is not empty.
  [[nodiscard]] Completion TakeFirst() {
    Completion completion = std::move(completions_.front());
    completions_.pop_front();
    bytes_ -= completion.record.bytes();
    return completion;
  }
  /// Puts these before the others.
  void AddFirst(std::deque<Completion> first) {
    for (const Completion& completion : first) bytes_ += completion.record.bytes();
    std::move(completions_.begin(), completions_.end(), std::back_inserter(first));
    completions_ = std::move(first);
  }
  /// Removes the completions of these partitions and returns them.
  [[nodiscard]] std::vector<Completion> TakeOf(const std::set<Partition>& partitions) {
    std::vector<Completion> taken;
    std::deque<Completion> kept;
    for (Completion& completion : completions_) {
      if (!partitions.contains(completion.partition)) {
        kept.push_back(std::move(completion));
        continue;
      }
      bytes_ -= completion.record.bytes();
      taken.push_back(std::move(completion));
    }
    completions_ = std::move(kept);
    return taken;
  }

  [[nodiscard]] bool empty() const { return completions_.empty(); }
  [[nodiscard]] std::size_t size() const { return completions_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  std::deque<Completion> completions_;
  std::size_t bytes_ = 0;
};

}  // namespace consumer
