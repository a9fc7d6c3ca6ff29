#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/expected_process.h"

namespace simulator {

/// The share of each provider: weights in the order of kProviders.
class ProviderMix {
 public:
  /// Parses "onfido:3,readid:1" or "paper". A weight is a whole number of at least 1, by default 1.
  /// None for an unknown provider or an invalid weight.
  static std::optional<ProviderMix> Parse(std::string_view text);

  /// The index into kProviders for any number `n`.
  [[nodiscard]] std::size_t Pick(std::uint64_t n) const;

 private:
  std::vector<std::uint64_t> weights_;
  std::uint64_t sum_ = 0;
};

struct SyntheticCallback {
  std::size_t provider = 0;  ///< Index into kProviders.
  std::string dossier_id;
  std::string process_id;
  std::string_view status;  ///< The same in the simulated API.
};

/// Callback `n` of a run. Pure, so callbacks need not be stored.
[[nodiscard]] SyntheticCallback MakeCallback(const ProviderMix& mix, std::uint64_t seed,
                                             std::uint64_t n);

/// Of its process, by its provider's route.
[[nodiscard]] common::ExpectedProcess AnnouncementOf(const SyntheticCallback& callback);

/// {"dossierId":…,"processId":…,"status":…}
[[nodiscard]] std::string BodyOf(const SyntheticCallback& callback);

}  // namespace simulator
