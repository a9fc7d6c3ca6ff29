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
/// Two that cannot be had may be told the same. So a fresh callback is tried every 30 s while two
/// hold the host, and ends that if it is answered.
///
/// Time: an argument, never going back.
class HostHold {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Wait = std::chrono::milliseconds;
  static constexpr std::chrono::seconds kLongestOfOne{5};
  static constexpr std::chrono::seconds kTogether{10};
  static constexpr std::chrono::seconds kProbeEvery{30};

  struct Request {
    std::string resource;
    TimePoint started{};
  };
  /// How long the host is held because of this one.
  Wait Told(const Request& request, Wait wait, TimePoint now);
  /// The host has answered another one, asked for at `started`, as it should. True: although two
  /// that were asked for before it had held the host, which is over.
  bool Answered(TimePoint started, TimePoint now);

  [[nodiscard]] TimePoint until() const { return until_; }

  /// When a callback may be tried that was taken in at fresh_since() or later.
  [[nodiscard]] TimePoint probe_at() const { return probe_at_; }
  [[nodiscard]] TimePoint fresh_since() const { return told_at_; }
  void Probed(TimePoint now) { probe_at_ = now + kProbeEvery; }

 private:
  std::string last_;  ///< Who was told so last, since others were answered.
  TimePoint told_at_{};
  TimePoint told_started_{};  ///< The latest of those that were told so.
  Wait wait_{};
  Wait of_one_ = kLongestOfOne;
  TimePoint until_ = TimePoint::min();
  TimePoint probe_at_ = TimePoint::max();  ///< max(): two do not hold the host.
};

}  // namespace consumer
