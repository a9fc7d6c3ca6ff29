#pragma once

#include <string>
#include <vector>

#include "tests/soak/run.h"

namespace soak {

struct Scenario {
  std::string name;
  void (*play)(Run& run);      ///< Throws if it cannot finish; otherwise the run has its verdict.
  bool audits_itself = false;  ///< Before it damages logs. AuditAll() follows the others.
};

/// The relative rates of the providers.
inline constexpr const char* kProviderMix = "onfido:4,eid:3,readid:3,paper,connect";

[[nodiscard]] const std::vector<Scenario>& AllScenarios();

void PlayOutage(Run& run);
void PlayKills(Run& run);
void PlayClients(Run& run);
void PlayApi(Run& run);
void PlayConsumers(Run& run);
void PlayEvents(Run& run);
void PlayRebalance(Run& run);
void PlayStarved(Run& run);
void PlayAlerts(Run& run);
void PlayUpgrade(Run& run);

}  // namespace soak
