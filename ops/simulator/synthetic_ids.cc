#include "ops/simulator/synthetic_ids.h"

#include "ops/simulator/hash.h"

namespace simulator {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

std::string Uuid(std::size_t first_digit, std::uint64_t hash) {
  std::string uuid = "xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx";
  Dice dice(hash);
  for (char& c : uuid) {
    if (c == 'x') c = kHexDigits[dice.Below(kHexDigits.size())];
  }
  uuid.front() = kHexDigits[first_digit];
  return uuid;
}

std::size_t ProviderIndexOf(std::string_view id) {
  const std::size_t digit = id.empty() ? std::string_view::npos : kHexDigits.find(id.front());
  return digit < kProviders.size() ? digit : Hash(id) % kProviders.size();
}

}  // namespace

const SimulatedProvider& ProviderOf(std::string_view id) { return kProviders[ProviderIndexOf(id)]; }

std::string MakeDossierId(std::size_t provider, std::uint64_t hash) { return Uuid(provider, hash); }

std::string ProcessIdOf(std::string_view dossier_id) {
  return Uuid(ProviderIndexOf(dossier_id), Hash(dossier_id));
}

std::string EventIdOf(std::string_view process_id) {
  return Uuid(ProviderIndexOf(process_id), Hash(process_id, 2));
}

std::string_view FinalStatusOf(std::string_view process_id) {
  constexpr std::array<std::string_view, 5> kRare{"rejected", "inconclusive", "failed", "canceled",
                                                  "rejected"};
  Dice dice(Hash(process_id, 1));
  return dice.Below(10) < 8 ? "accepted" : kRare[dice.Below(kRare.size())];
}

}  // namespace simulator
