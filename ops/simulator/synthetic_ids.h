#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace simulator {

// A simulated dossier has one process, whose id derives from the dossier's. The first hex digit of
// both encodes the provider, so that the API's answers match the callbacks. The API accepts any
// other id, too, and derives the rest from its hash.
//
//   dossier-id := uuid                 ; first hex digit = index into kProviders
//   process-id := uuid                 ; hash of the dossier-id, the same first digit

struct SimulatedProvider {
  std::string_view route;         ///< The last segment of the notification URL.
  std::string_view key;           ///< Its name in the API.
  std::string_view process_type;  ///< In the API's documents.
};

inline constexpr std::array<SimulatedProvider, 8> kProviders{{
    {"onfido", "onfido", "documentSelfie"},
    {"eid", "signicatvideoid", "substantial"},
    {"readid", "readid", "ready"},
    {"paper", "signicatpaper", "unattended"},
    {"connect", "connect", "unattended"},
    {"webid", "webid", "videoid"},
    {"pictureid", "signicatpictureid", "document"},
    {"events", "onfido", "documentSelfie"},
}};

/// The provider that sends signed events instead of callbacks.
inline constexpr std::string_view kEventsRoute = "events";

/// The provider of any id.
[[nodiscard]] const SimulatedProvider& ProviderOf(std::string_view id);

/// An id in the form of a UUID of version 4, with the provider's index as its first digit.
[[nodiscard]] std::string MakeDossierId(std::size_t provider, std::uint64_t hash);
[[nodiscard]] std::string ProcessIdOf(std::string_view dossier_id);

/// The id of the event about a process.
[[nodiscard]] std::string EventIdOf(std::string_view process_id);

/// The final status of a process: mostly accepted.
[[nodiscard]] std::string_view FinalStatusOf(std::string_view process_id);

}  // namespace simulator
