#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "common/domain/ids.h"

namespace common {

// Record on the topic of expected callbacks, an announcement:
//   key     := processId     ; normalised, so that it is in the partition of the callbacks
//   value   := announcement  ; see common/json/expected_process.h
//            | null          ; forget it: no callback is expected any more
//   headers                  ; any; only that of a copy is read, see copied_record.h

/// A process whose callback is expected.
struct ExpectedProcess {
  DossierId dossier{};     ///< Normalised, 1 to kLongestExpectedId bytes; so is `process`.
  ProcessId process{};     ///< The key of the callbacks that it may have, and of its own record.
  std::string provider{};  ///< As written: a row's name, or an alias in any case.
  /// How long after the announcement the callback is due. Absent: the consumer's `expected.within`.
  std::optional<std::chrono::milliseconds> within{};

  friend bool operator==(const ExpectedProcess&, const ExpectedProcess&) = default;
};

/// A callback with a longer processId has another key, in any partition.
inline constexpr std::size_t kLongestExpectedId = 256;
inline constexpr std::size_t kLongestExpectedProvider = 128;
inline constexpr std::chrono::milliseconds kShortestWithin{1};
/// Callbacks are kept for as long.
inline constexpr std::chrono::milliseconds kLongestWithin = std::chrono::hours(7 * 24);

}  // namespace common
