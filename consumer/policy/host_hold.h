#pragma once

#include <chrono>
#include <string>

namespace consumer {

/// How long a resource's Retry-After holds the whole host: a single resource may get one for its
/// own sake; if two get one, the host is meant.
///
///   one alone                at most 5 s, halved each time the host turns out to answer
///                            others, so n resources in succession cost 10 s
///   another one within 10 s, the shorter of both waits in full; a single resource then
///   no answer in between     holds the host for 5 s again
///
/// Two resources that cannot be fetched may both get one. So while two hold the host, a fresh
/// callback is tried after 30 s, others after twice the wait each time. An answer ends the hold.
/// A host that means its Retry-After gets six requests in an hour.
///
/// Time: an argument, never going back.
class HostHold {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Wait = std::chrono::milliseconds;
  static constexpr std::chrono::seconds kLongestOfOne{5};
  static constexpr std::chrono::seconds kTogether{10};
  static constexpr std::chrono::seconds kFirstProbe{30};

  struct Request {
    std::string resource;
    TimePoint started{};
  };
  /// Returns how long this Retry-After holds the host.
  Wait Told(const Request& request, Wait wait, TimePoint now);
  /// The host answered another request, sent at `started`, normally. True if this ended a hold by
  /// two resources whose requests were sent earlier.
  bool Answered(TimePoint started, TimePoint now);

  [[nodiscard]] TimePoint until() const { return until_; }

  /// When a callback taken in at fresh_since() or later may be tried.
  [[nodiscard]] TimePoint probe_at() const { return probe_at_; }
  [[nodiscard]] TimePoint fresh_since() const { return told_at_; }
  void Probed(TimePoint now) { probe_at_ = now + (probe_wait_ *= 2); }

 private:
  std::string last_;  ///< The last resource with a Retry-After since another request was answered.
  TimePoint told_at_{};
  TimePoint told_started_{};  ///< The latest start of a request that got a Retry-After.
  Wait wait_{};
  Wait of_one_ = kLongestOfOne;
  TimePoint until_ = TimePoint::min();
  TimePoint probe_at_ = TimePoint::max();          ///< max(): no two resources hold the host.
  std::chrono::seconds probe_wait_ = kFirstProbe;  ///< Before the probe at probe_at_.
};

}  // namespace consumer
