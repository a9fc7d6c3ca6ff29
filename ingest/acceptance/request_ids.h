#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace ingest {

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

  [[nodiscard]] std::string Next();

 private:
  std::uint64_t instance_;
  std::atomic<std::uint64_t> counter_;
};

}  // namespace ingest
