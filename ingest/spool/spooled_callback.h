#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/domain/callback_record.h"
#include "common/domain/record_headers.h"

namespace ingest {

/// A callback that waits on disk. Its number grows with the time of its coming.
struct SpooledCallback {
  std::int64_t sequence = 0;
  std::size_t size = 0;  ///< SizeInSpool() when it was stored.
  common::Envelope envelope;
};

/// What a callback counts towards `max_bytes`: key, value and headers of its record, which is not
/// made for that.
[[nodiscard]] inline std::size_t SizeInSpool(const common::Envelope& envelope) {
  namespace header = common::header;
  constexpr std::size_t kSizeOfTime = std::string_view("2026-11-23T07:44:12.345Z").size();
  std::size_t size = envelope.key.size() + envelope.body.size();
  const auto add = [&size](std::string_view name, std::size_t value) {
    size += name.size() + value;
  };
  if (!envelope.provider.empty()) add(header::kProvider, envelope.provider.size());
  add(header::kReceivedAt, kSizeOfTime);
  add(header::kRequestId, envelope.request_id.size());
  if (envelope.content_type) add(header::kContentType, envelope.content_type->size());
  if (envelope.traceparent) add(header::kTraceparent, envelope.traceparent->size());
  if (envelope.spooled) add(header::kSpooled, 1);
  add(header::kSchema, common::kSchemaVersion.size());
  return size;
}

}  // namespace ingest
