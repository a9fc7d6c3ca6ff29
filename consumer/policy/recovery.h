#pragma once

namespace consumer {

/// Whether resources that asked for less (429, a timeout, a Retry-After) are answered when they are
/// asked again. A host that has too much to do answers them later; resources that cannot be had
/// ask for less each time, and as many of them as come tell nothing of the load.
class Recovery {
 public:
  /// One that had asked for less is answered;
  void Recovered() { share_ += (1 - share_) / kTries; }
  /// or has asked for less again, although others were answered meanwhile.
  void Repeated() { share_ -= share_ / kTries; }
  /// The host has answered another one although it seemed to ask for less as a whole.
  void Refuted() { share_ = 0; }

  [[nodiscard]] bool IsRare() const { return share_ < kRare; }

 private:
  static constexpr double kTries = 5;
  static constexpr double kRare = 0.25;

  double share_ = 0.5;  ///< Of the last tries; nothing is known at first.
};

}  // namespace consumer
