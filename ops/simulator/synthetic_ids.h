#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace simulator {

// A simulated dossier has one process, whose id follows from the dossier's. The first hex digit of
// both says which provider it is, so that the API's answers fit the callbacks. Any other id is
// good for the API as well: what it lacks follows from its hash.
//
//   dossier-id := uuid                 ; first hex digit = index into kProviders
//   process-id := uuid                 ; hash of the dossier-id, the same first digit

struct SimulatedProvider {
  std::string_view route;         ///< The segment of the notification URL.
  std::string_view key;           ///< The API's name for it.
  std::string_view process_type;  ///< As the API would say.
};

inline constexpr std::array<SimulatedProvider, 7> kProviders{{
    {"onfido", "onfido", "documentSelfie"},
    {"eid", "signicatvideoid", "substantial"},
    {"readid", "readid", "ready"},
    {"paper", "signicatpaper", "unattended"},
    {"connect", "connect", "unattended"},
    {"webid", "webid", "videoid"},
    {"pictureid", "signicatpictureid", "document"},
}};

/// Of any id.
[[nodiscard]] const SimulatedProvider& ProviderOf(std::string_view id);

/// A UUID of version 4 in form, whose first digit is the provider's index.
[[nodiscard]] std::string MakeDossierId(std::size_t provider, std::uint64_t hash);
[[nodiscard]] std::string ProcessIdOf(std::string_view dossier_id);

/// The final status of a process: mostly accepted.
[[nodiscard]] std::string_view FinalStatusOf(std::string_view process_id);

}  // namespace simulator
