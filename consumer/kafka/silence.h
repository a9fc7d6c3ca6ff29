#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace consumer {

/// Tells for how long a client's calls have only failed.
///
/// Counts each kind of call by itself, from its first failure after a success, and not before it
/// has failed three times. If a kind is not called for 45 s, its earlier failures do not count: of
/// one look at all logs, every 5 s, each of some eight calls can take 3 s to fail.
///
/// Threads: confined to one. Time: an argument.
class Silence {
 public:
  using Clock = std::chrono::steady_clock;

  /// Kinds must come from a closed set: failing ones are kept.
  void Failed(std::string_view kind, Clock::time_point now) {
    Failures& failures = failing_.try_emplace(std::string(kind), now).first->second;
    if (now - failures.last > kPause) failures = Failures(now);
    failures.last = now;
    ++failures.number;
  }
  void Succeeded(std::string_view kind) {
    if (const auto at = failing_.find(kind); at != failing_.end()) failing_.erase(at);
  }

  /// Of the kind that has failed for longest.
  [[nodiscard]] Clock::duration Length() const {
    Clock::duration longest{};
    for (const auto& [kind, failures] : failing_) {
      if (failures.number < kLeastFailures) continue;
      longest = std::max(longest, failures.last - failures.first);
    }
    return longest;
  }

 private:
  static constexpr int kLeastFailures = 3;
  static constexpr std::chrono::seconds kPause{45};

  struct Failures {
    explicit Failures(Clock::time_point now) : first(now), last(now) {}
    Clock::time_point first;
    Clock::time_point last;
    int number = 0;
  };
  std::map<std::string, Failures, std::less<>> failing_;
};

/// How long a client may be silent before it is replaced: 10 s; after each replacement twice as
/// long as before, up to a minute; 10 s again two minutes after the last one.
///
/// Threads: confined to one. Time: an argument.
class RenewalPatience {
 public:
  using Clock = Silence::Clock;

  [[nodiscard]] bool IsOver(Clock::duration silence, Clock::time_point now) const {
    return silence >= At(now);
  }
  void Renewed(Clock::time_point now) {
    length_ = std::min(2 * At(now), kMost);
    renewed_at_ = now;
  }

 private:
  static constexpr Clock::duration kLeast = std::chrono::seconds(10);
  static constexpr Clock::duration kMost = std::chrono::seconds(60);

  [[nodiscard]] Clock::duration At(Clock::time_point now) const {
    const bool is_long_ago = !renewed_at_ || now - *renewed_at_ > 2 * kMost;
    return is_long_ago ? kLeast : length_;
  }

  Clock::duration length_ = kLeast;
  std::optional<Clock::time_point> renewed_at_;
};

}  // namespace consumer
