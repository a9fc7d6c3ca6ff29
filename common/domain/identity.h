#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string_view>

#include "common/domain/ids.h"

namespace common {

/// What makes two callbacks the same fact: the first 16 bytes of a SHA-256.
struct Identity {
  static constexpr std::size_t kSize = 16;
  std::array<std::uint8_t, kSize> bytes{};

  [[nodiscard]] std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  /// Empty unless `bytes` has exactly 16 bytes.
  static std::optional<Identity> FromBytes(std::string_view bytes);

  friend auto operator<=>(const Identity&, const Identity&) = default;
};

// identity(parts…)     := first 16 bytes of SHA-256( { size(part): 4 bytes big-endian, part }… )
//   readable callback  := identity(provider, dossierId, processId, status)   ; status "" if absent
//   unreadable one, or event without ids
//                      := identity("unreadable", provider, body)
//   event with an id   := identity("event", row, id)
//   redriven one       := first 16 bytes of SHA-256( identity, value of the header `redrive` );
//                         one that was unreadable and is not any more: its own, as above

/// `provider` is the value of the record's provider header. The caller normalises the ids.
[[nodiscard]] Identity IdentityOf(std::string_view provider, const DossierId& dossier,
                                  const ProcessId& process, std::string_view status);
/// `row`: the name of the row that received the event.
[[nodiscard]] Identity IdentityOfEvent(std::string_view row, const EventId& id);
[[nodiscard]] Identity IdentityOfUnreadable(std::string_view provider, std::string_view body);
[[nodiscard]] Identity IdentityOfRedriven(const Identity& original, std::string_view redrive);

}  // namespace common

template <>
struct std::hash<common::Identity> {
  std::size_t operator()(const common::Identity& identity) const noexcept {
    std::size_t first_bytes = 0;
    std::memcpy(&first_bytes, identity.bytes.data(), sizeof first_bytes);
    return first_bytes;
  }
};
