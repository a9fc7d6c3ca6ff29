#pragma once

#include <cstddef>
#include <optional>

namespace ingest {

/// How large a batch of records may be: the topic refuses a whole batch for its size, so that small
/// callbacks which came together would be refused though each of them fits.
///
/// A topic that may not be looked at shows its limit by refusing: a record smaller than the limit
/// may have been in company, and the limit is halved until no refused record can have been.
///
/// Threads: confined, or behind the owner's lock.
class BatchLimit {
 public:
  static constexpr std::size_t kSmallest = 512;
  static constexpr std::size_t kWanted = 1'000'000;  ///< librdkafka's default.

  /// `wanted`: where the topic takes more.
  explicit BatchLimit(std::size_t wanted = kWanted) : wanted_(wanted), limit_(wanted) {}

  /// `max.message.bytes` of the topic; nullopt: it cannot be looked at.
  void TopicTakes(std::optional<std::size_t> bytes);

  /// The broker found a batch too large that was made under `limit` and had a record of that size.
  /// Whether the record was alone in it, so that the verdict is about the record.
  bool Refused(std::size_t record, std::size_t limit);

  [[nodiscard]] std::size_t bytes() const { return limit_; }

 private:
  std::size_t wanted_;
  std::size_t limit_;
  std::optional<std::size_t> topic_takes_;
};

}  // namespace ingest
