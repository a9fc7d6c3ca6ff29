#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <unordered_map>

namespace simulator {

/// Whether a request comes although it was to wait, by what a client owes to a Retry-After:
///
///   the path that was told so   all of it
///   every path                  once two different ones were told so within 10 s and none was
///                               answered well between: as long as both were told
///   every path, one alone told  nothing: a client may hold the host for a moment, or not
///
/// A path that was told so before and again after others were answered well is in trouble of its own
/// and does not speak for the host. A client has a second to hear what it is told.
///
/// Threads: confined to one. Time: an argument.
class RetryAfterRule {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  [[nodiscard]] bool IsBroken(std::string_view path, TimePoint now) const;
  /// The path is told at `heard_at` to be asked again at `until` at the earliest.
  void Told(std::string_view path, TimePoint heard_at, TimePoint until);
  void AnsweredWell(std::string_view path, TimePoint heard_at);

 private:
  struct Wait {
    TimePoint known_from{};
    TimePoint until{};
    [[nodiscard]] bool Holds(TimePoint now) const { return now > known_from && now < until; }
    /// Who waits already needs no time to hear it.
    void Extend(TimePoint heard_at, TimePoint new_until);
  };
  struct Path {
    Wait wait;
    TimePoint first_told_at{};
  };

  std::unordered_map<std::string, Path> paths_;
  std::string last_;  ///< Told last, of those that speak for the host.
  TimePoint last_told_at_{};
  TimePoint last_until_{};
  TimePoint last_good_{};
  Wait host_;
};

}  // namespace simulator
