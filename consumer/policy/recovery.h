#pragma once

namespace consumer {

/// Estimates whether resources that asked for less load (429, a timeout, a Retry-After) are
/// answered when retried. An overloaded host answers them later. A resource that cannot be fetched
/// asks again each time, so any number of them says nothing about the load.
class Recovery {
 public:
  /// A resource that had asked for less was answered.
  void Recovered() { share_ += (1 - share_) / kTries; }
  /// A resource asked for less again, although the host answered others in between.
  void Repeated() { share_ -= share_ / kTries; }
  /// The host answered another request although it had seemed overloaded as a whole.
  void Refuted() { share_ = 0; }

  [[nodiscard]] bool IsRare() const { return share_ < kRare; }

 private:
  static constexpr double kTries = 5;
  static constexpr double kRare = 0.25;

  double share_ = 0.5;  ///< Share of recent retries that were answered; unknown at first.
};

}  // namespace consumer
