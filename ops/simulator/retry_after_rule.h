#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <unordered_map>

namespace simulator {

/// Decides whether a request violates a Retry-After. A client must wait as follows:
///
///   the path that got it        the whole time
///   every path                  once two different paths got one within 10 s and none succeeded
///                               between them: while both times last
///   every path, if one got it   not at all: a client may or may not hold the host for a moment
///
/// A path that gets a second Retry-After after others have succeeded has a problem of its own, so
/// it does not count for the host. A client has a second to receive each Retry-After.
///
/// Threads: confined to one. Time: an argument.
class RetryAfterRule {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  [[nodiscard]] bool IsBroken(std::string_view path, TimePoint now) const;
  /// A Retry-After at `heard_at` forbids requests of the path before `until`.
  void Told(std::string_view path, TimePoint heard_at, TimePoint until);
  void AnsweredWell(std::string_view path, TimePoint heard_at);

 private:
  struct Wait {
    TimePoint known_from{};
    TimePoint until{};
    [[nodiscard]] bool Holds(TimePoint now) const { return now > known_from && now < until; }
    /// A path that already waits gets no second to receive it.
    void Extend(TimePoint heard_at, TimePoint new_until);
  };
  struct Path {
    Wait wait;
    TimePoint first_told_at{};
  };

  std::unordered_map<std::string, Path> paths_;
  std::string last_;  ///< The last path that counts for the host.
  TimePoint last_told_at_{};
  TimePoint last_until_{};
  TimePoint last_good_{};
  Wait host_;
};

}  // namespace simulator
