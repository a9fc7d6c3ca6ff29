#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace simulator {

/// How often each provider sends: weights in the order of kProviders.
class ProviderMix {
 public:
  /// "onfido:3,readid:1" or "paper"; a weight is a whole number of at least 1, 1 if left out.
  /// None for an unknown provider or a bad weight.
  static std::optional<ProviderMix> Parse(std::string_view text);

  /// The index into kProviders that `n` falls on; any number will do.
  [[nodiscard]] std::size_t Pick(std::uint64_t n) const;

 private:
  std::vector<std::uint64_t> weights_;
  std::uint64_t sum_ = 0;
};

struct SyntheticCallback {
  std::size_t provider = 0;  ///< Index into kProviders.
  std::string dossier_id;
  std::string process_id;
  std::string_view status;  ///< As the simulated API says, too.
};

/// Callback `n` of a run: a pure function, so that nothing of it needs to be kept.
[[nodiscard]] SyntheticCallback MakeCallback(const ProviderMix& mix, std::uint64_t seed,
                                             std::uint64_t n);

/// {"dossierId":…,"processId":…,"status":…}
[[nodiscard]] std::string BodyOf(const SyntheticCallback& callback);

}  // namespace simulator
