#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace ingest {

/// The name of one delivery, or none. Plain data.
class RequestId {
 public:
  RequestId() = default;
  explicit RequestId(const std::array<char, 32>& digits) : digits_(digits) {}

  /// 32 lower-case hex digits; empty: none. Lifetime: a view into this object.
  [[nodiscard]] std::string_view text() const {
    return {digits_.data(), digits_.front() == '\0' ? 0 : digits_.size()};
  }
  friend bool operator==(const RequestId&, const RequestId&) = default;

 private:
  std::array<char, 32> digits_{};
};

/// Names for deliveries, unique across instances and restarts.
///
///   id := hex(instance) hex(mixed)     ; 16 digits each
///         mixed is a bijection of a counter: no two are equal within an instance
///
/// Threads: any.
class RequestIds {
 public:
  /// Two random numbers: `instance` tells this run from every other one, `start` is where counting
  /// begins.
  RequestIds(std::uint64_t instance, std::uint64_t start);

  [[nodiscard]] RequestId Next();

 private:
  std::uint64_t instance_;
  std::atomic<std::uint64_t> counter_;
};

}  // namespace ingest
