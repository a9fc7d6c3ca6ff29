#pragma once

#include <cstdint>

namespace consumer {

/// Whether different callbacks fail, or a few again and again.
///
///   spell 1: A fails, B fails, A fails ─► a good answer ─► spell 2: A fails, C fails ─► …
///            two callbacks                                 A fails although others succeed
///
/// Memory: a number here, and two with each callback.
class FailureSpell {
 public:
  /// Kept with each callback.
  struct Record {
    std::uint64_t last = 0;  ///< The spell in which it has failed last; 0: none.
    int spells = 0;          ///< In how many it has failed.
  };

  /// True for the first failure of that callback in this spell.
  bool Failed(Record& callback) {
    if (callback.last == number_) return false;
    callback.last = number_;
    ++callback.spells;
    return true;
  }
  /// Others have succeeded since it failed, or before it failed again: maybe it is alone.
  [[nodiscard]] bool IsLeftBehind(const Record& callback) const {
    return callback.spells > 1 || (callback.spells == 1 && callback.last != number_);
  }
  /// A good answer begins another spell.
  void Succeeded() { ++number_; }

 private:
  std::uint64_t number_ = 1;
};

}  // namespace consumer
