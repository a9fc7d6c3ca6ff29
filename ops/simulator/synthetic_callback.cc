#include "ops/simulator/synthetic_callback.h"

#include <algorithm>
#include <charconv>

#include "common/json/object_writer.h"
#include "ops/simulator/hash.h"
#include "ops/simulator/synthetic_ids.h"

namespace simulator {

std::optional<ProviderMix> ProviderMix::Parse(std::string_view text) {
  constexpr std::uint64_t kMostWeight = 1'000'000;
  ProviderMix mix;
  mix.weights_.resize(kProviders.size());
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const std::size_t colon = std::min(item.find(':'), item.size());
    const auto* provider = std::find_if(
        kProviders.begin(), kProviders.end(),
        [&](const SimulatedProvider& known) { return known.route == item.substr(0, colon); });
    std::uint64_t weight = 1;
    if (colon < item.size()) {
      const char* end = item.data() + item.size();
      const auto [stop, error] = std::from_chars(item.data() + colon + 1, end, weight);
      if (error != std::errc() || stop != end) return std::nullopt;
    }
    if (provider == kProviders.end() || weight == 0 || weight > kMostWeight) return std::nullopt;
    mix.weights_[static_cast<std::size_t>(provider - kProviders.begin())] += weight;
    mix.sum_ += weight;
  }
  if (mix.sum_ == 0) return std::nullopt;
  return mix;
}

std::size_t ProviderMix::Pick(std::uint64_t n) const {
  std::uint64_t rest = n % sum_;
  std::size_t provider = 0;
  for (; rest >= weights_[provider]; ++provider) rest -= weights_[provider];
  return provider;
}

SyntheticCallback MakeCallback(const ProviderMix& mix, std::uint64_t seed, std::uint64_t n) {
  const std::uint64_t hash = Mix(Mix(seed) ^ n);
  SyntheticCallback callback;
  callback.provider = mix.Pick(hash);
  callback.dossier_id = MakeDossierId(callback.provider, Mix(hash));
  callback.process_id = ProcessIdOf(callback.dossier_id);
  callback.status = FinalStatusOf(callback.process_id);
  return callback;
}

common::ExpectedProcess AnnouncementOf(const SyntheticCallback& callback) {
  return {.dossier = common::DossierId(callback.dossier_id),
          .process = common::ProcessId(callback.process_id),
          .provider = std::string(kProviders[callback.provider].route)};
}

std::string BodyOf(const SyntheticCallback& callback) {
  return common::json::ObjectWriter()
      .Text("dossierId", callback.dossier_id)
      .Text("processId", callback.process_id)
      .Text("status", callback.status)
      .Finish();
}

}  // namespace simulator
