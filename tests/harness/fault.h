#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

namespace tests {

/// Something bad that happens to a running system, and is undone again.
///
///   --Inflict()--> it is as bad as it gets --Heal()--> recovering --IsOver()--> all is well again
class Fault {
 public:
  Fault() = default;
  virtual ~Fault() = default;
  Fault(const Fault&) = delete;
  Fault& operator=(const Fault&) = delete;

  /// A word for counting: "kill", "freeze".
  [[nodiscard]] virtual std::string kind() const = 0;
  /// Whom it hits. Two faults must not hit the same victim at a time.
  [[nodiscard]] virtual std::string victim() const = 0;

  virtual void Inflict() = 0;
  /// Begins to undo it; does not wait.
  virtual void Heal() = 0;
  /// Whether the victim works again, after Heal(). Throws if it never will.
  [[nodiscard]] virtual bool IsOver() = 0;
};

/// Faults beside each other, each of which is healed when its time is over.
///
/// Threads: one, which calls Advance() often.
/// Time:    an argument.
class FaultSchedule {
 public:
  using Time = std::chrono::steady_clock::time_point;

  [[nodiscard]] bool IsFree(const std::string& victim) const { return !active_.contains(victim); }
  [[nodiscard]] bool IsQuiet() const { return active_.empty(); }

  /// Inflicts it now and heals it `lasting` later. Precondition: its victim is free.
  void Inflict(std::unique_ptr<Fault> fault, std::chrono::milliseconds lasting, Time now);

  /// Heals what is due, and forgets what is over. Throws if a victim does not recover.
  void Advance(Time now);

  /// Advance() until it is quiet.
  void Finish();

  /// How many of each kind were inflicted.
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
