#include "consumer/state/expected_identities.h"

#include <algorithm>
#include <array>

namespace consumer {
namespace {

/// Source: Signicat, "Get process", and the pages of the providers. The most frequent first.
constexpr std::array<std::string_view, 7> kLastStatuses = {
    "accepted", "rejected", "inconclusive", "failed", "canceled", "not_matched", ""};

}  // namespace

bool IsKnownAsFinal(std::string_view status) {
  return !status.empty() && std::ranges::find(kLastStatuses, status) != kLastStatuses.end();
}

std::vector<common::Identity> IdentitiesOfLastCallback(std::string_view provider,
                                                       const common::DossierId& dossier,
                                                       const common::ProcessId& process) {
  std::vector<common::Identity> identities;
  identities.reserve(kLastStatuses.size());
  for (const std::string_view status : kLastStatuses) {
    identities.push_back(common::IdentityOf(provider, dossier, process, status));
  }
  return identities;
}

}  // namespace consumer
