#include "common/domain/callback_record.h"

#include <algorithm>

#include "common/base/sha256.h"

namespace common {
namespace {

bool IsLowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool IsAllZero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

template <typename Id>
bool IsKey(const std::optional<Id>& id) {
  constexpr std::size_t kMaxKey = 256;
  return id && !id->empty() && id->str().size() <= kMaxKey;
}

}  // namespace

RecordHeaders HeadersOf(const Envelope& envelope) {
  RecordHeaders headers;
  headers.reserve(kMostHeaders);
  ForEachHeader(envelope, [&](std::string_view name, std::string_view value) {
    headers.push_back({std::string(name), std::string(value)});
  });
  return headers;
}

std::string CallbackKey(const std::optional<ProcessId>& process, std::string_view body) {
  return EventKey(process, std::nullopt, body);
}

std::string EventKey(const std::optional<ProcessId>& process, const std::optional<EventId>& event,
                     std::string_view body) {
  if (IsKey(process)) return process->str();
  if (IsKey(event)) return event->str();
  return Sha256Hex(body);
}

bool IsValidTraceparent(std::string_view text) {
  constexpr std::size_t kSizeOfVersion0 = 55;
  if (text.size() < kSizeOfVersion0 || text[2] != '-' || text[35] != '-' || text[52] != '-') {
    return false;
  }
  const std::string_view version = text.substr(0, 2);
  const std::string_view trace_id = text.substr(3, 32);
  const std::string_view parent_id = text.substr(36, 16);
  const std::string_view flags = text.substr(53, 2);
  if (!IsLowerHex(version) || !IsLowerHex(trace_id) || !IsLowerHex(parent_id) ||
      !IsLowerHex(flags)) {
    return false;
  }
  if (version == "ff" || IsAllZero(trace_id) || IsAllZero(parent_id)) return false;
  // A later version may append fields, each after another dash.
  const std::string_view more = text.substr(kSizeOfVersion0);
  return more.empty() || (version != "00" && more.front() == '-' && IsPrintable(more));
}

}  // namespace common
