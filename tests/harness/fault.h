#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

namespace tests {

/// A fault of a running system that can be undone.
///
///   --Inflict()--> in force --Heal()--> recovering --IsOver()--> recovered
class Fault {
 public:
  Fault() = default;
  virtual ~Fault() = default;
  Fault(const Fault&) = delete;
  Fault& operator=(const Fault&) = delete;

  /// One word, for counting: "kill", "freeze".
  [[nodiscard]] virtual std::string kind() const = 0;
  /// The victim's name. A victim can have only one fault at a time.
  [[nodiscard]] virtual std::string victim() const = 0;

  virtual void Inflict() = 0;
  /// Begins to undo the fault. Does not wait.
  virtual void Heal() = 0;
  /// True once the victim works again after Heal(). Throws if it never will.
  [[nodiscard]] virtual bool IsOver() = 0;
};

/// Overlapping faults, each healed when its time is up.
///
/// Threads: one, which calls Advance() often.
/// Time:    passed as an argument.
/// Time:    an argument.
class FaultSchedule {
 public:
  using Time = std::chrono::steady_clock::time_point;

  [[nodiscard]] bool IsFree(const std::string& victim) const { return !active_.contains(victim); }
  [[nodiscard]] bool IsQuiet() const { return active_.empty(); }

  /// Inflicts the fault now and heals it `lasting` later. Precondition: the victim has no fault.
  void Inflict(std::unique_ptr<Fault> fault, std::chrono::milliseconds lasting, Time now);

  /// Heals faults that are due, and removes recovered ones. Throws if a victim does not recover.
  void Advance(Time now);

  /// Advances until no fault is left.
  void Finish();

  /// The number of inflicted faults of a kind.
  [[nodiscard]] int Count(const std::string& kind) const;

 private:
  struct Active {
    std::unique_ptr<Fault> fault;
    Time heal_at;
    bool is_healing = false;
  };

  std::map<std::string, Active> active_;  ///< By victim.
  std::map<std::string, int> tally_;      ///< By kind.
};

}  // namespace tests
