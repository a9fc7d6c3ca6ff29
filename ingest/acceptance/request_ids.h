#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace ingest {

/// The id of one delivery, or empty. Plain data.
class RequestId {
 public:
  RequestId() = default;
  explicit RequestId(const std::array<char, 32>& digits) : digits_(digits) {}

  /// 32 lower-case hex digits, or empty. Lifetime: a view into this object.
  [[nodiscard]] std::string_view text() const {
    return {digits_.data(), digits_.front() == '\0' ? 0 : digits_.size()};
  }
  friend bool operator==(const RequestId&, const RequestId&) = default;

 private:
  std::array<char, 32> digits_{};
};

/// Generates ids of deliveries, unique across instances and restarts.
///
///   id := hex(instance) hex(mixed)     ; 16 digits each
/// =         mixed is a bijection of a counter, so ids are unique within an instance
///
/// Threads: any.
class RequestIds {
 public:
  /// Takes two random numbers: `instance` distinguishes this run from all others, `start` is the
  /// counter's first value.
  RequestIds(std::uint64_t instance, std::uint64_t start);

  [[nodiscard]] RequestId Next();

 private:
  std::uint64_t instance_;
  std::atomic<std::uint64_t> counter_;
};

}  // namespace ingest
