#pragma once

#include <cstdint>

namespace consumer {

/// Tells failures of many callbacks apart from repeated failures of a few.
///
///   spell 1: A fails, B fails, A fails ─► a good answer ─► spell 2: A fails, C fails ─► …
///            two callbacks                                 A fails although others succeed
///
/// Memory: one number here, and two with each callback.
class FailureSpell {
 public:
  /// Stored with each callback.
  struct Record {
    std::uint64_t last = 0;  ///< The last spell in which it failed; 0: none.
    int spells = 0;          ///< The number of spells in which it failed.
  };

  /// True for the first failure of the callback in this spell.
  bool Failed(Record& callback) {
    if (callback.last == number_) return false;
    callback.last = number_;
    ++callback.spells;
    return true;
  }
  /// Others have succeeded since it failed, or between its failures: the cause may be the callback
  /// itself.
  [[nodiscard]] bool IsLeftBehind(const Record& callback) const {
    return callback.spells > 1 || (callback.spells == 1 && callback.last != number_);
  }
  /// Begins another spell.
  void Succeeded() { ++number_; }

 private:
  std::uint64_t number_ = 1;
};

}  // namespace consumer
