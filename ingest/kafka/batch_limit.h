#pragma once

#include <cstddef>
#include <optional>

namespace ingest {

/// Limits the size of record batches. The topic refuses a whole batch for its size, so small
/// callbacks sent together would be refused although each of them fits.
///
/// If the topic's configuration is not readable, refusals reveal its limit. A refused record
/// smaller than the limit may have shared its batch, so each such refusal halves the limit, until
/// no refused record can have shared one.
///
/// Threads: confined, or behind the owner's lock.
class BatchLimit {
 public:
  static constexpr std::size_t kSmallest = 512;
  static constexpr std::size_t kWanted = 1'000'000;  ///< librdkafka's default.

  /// `wanted`: the batch size if the topic accepts more.
  explicit BatchLimit(std::size_t wanted = kWanted) : wanted_(wanted), limit_(wanted) {}

  /// The topic's `max.message.bytes`; nullopt if it is not readable.
  void SetTopicLimit(std::optional<std::size_t> bytes);

  /// The broker refused a batch for its size. The batch was made under `limit` and had a record of
  /// size `record`. True if the record was alone in it, so that the record itself is too large.
  bool Refused(std::size_t record, std::size_t limit);

  [[nodiscard]] std::size_t bytes() const { return limit_; }

 private:
  std::size_t wanted_;
  std::size_t limit_;
  std::optional<std::size_t> topic_takes_;
};

}  // namespace ingest
