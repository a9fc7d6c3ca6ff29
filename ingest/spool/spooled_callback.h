#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/domain/callback_record.h"

namespace ingest {

/// A callback waiting on disk. Sequence numbers grow in the order of arrival.
struct SpooledCallback {
  std::int64_t sequence = 0;
  std::size_t size = 0;  ///< SizeInSpool() at the time of storing.
  common::Envelope envelope;
};

/// The size that counts towards `max_bytes`: key, value and headers of the record.
[[nodiscard]] inline std::size_t SizeInSpool(const common::Envelope& envelope) {
  std::size_t size = envelope.key.size() + envelope.body.size();
  common::ForEachHeader(envelope, [&size](std::string_view name, std::string_view value) {
    size += name.size() + value.size();
  });
  return size;
}

}  // namespace ingest
