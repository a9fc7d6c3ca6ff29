#pragma once

#include <chrono>
#include <string>

namespace consumer {

/// How long the Retry-After of a resource holds the whole host: one resource may be told so for
/// itself, two are told so for the host.
///
///   one alone                5 s of it at most, and half of that each time the host
///                            turned out to answer others, so that n of them cost 10 s
///   another one within 10 s, all of it, as far as both were told; one alone holds it
///   nobody answered between  for 5 s again
///
/// Time: an argument, never going back.
class HostHold {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Wait = std::chrono::milliseconds;
  static constexpr std::chrono::seconds kLongestOfOne{5};
  static constexpr std::chrono::seconds kTogether{10};

  /// How long the host is held because of this one.
  Wait Told(const std::string& resource, Wait wait, TimePoint now);
  /// The host has answered another one as it should.
  void Answered();

  [[nodiscard]] TimePoint until() const { return until_; }

 private:
  std::string last_;  ///< Who was told so last, since others were answered.
  TimePoint told_at_{};
  Wait wait_{};
  Wait of_one_ = kLongestOfOne;
  TimePoint until_ = TimePoint::min();
};

}  // namespace consumer
