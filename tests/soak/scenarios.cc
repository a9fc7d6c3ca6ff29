#include "tests/soak/scenarios.h"

namespace soak {

const std::vector<Scenario>& AllScenarios() {
  static const std::vector<Scenario> kScenarios{
      {"outage", PlayOutage},  {"kills", PlayKills},         {"clients", PlayClients},
      {"api", PlayApi},        {"consumers", PlayConsumers}, {"rebalance", PlayRebalance},
      {"events", PlayEvents},  {"starved", PlayStarved},     {"alerts", PlayAlerts, true},
      {"upgrade", PlayUpgrade}};
  return kScenarios;
}

}  // namespace soak
