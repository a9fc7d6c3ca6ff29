#include "tests/soak/scenarios.h"

namespace soak {

const std::vector<Scenario>& AllScenarios() {
  static const std::vector<Scenario> kScenarios{{"outage", PlayOutage},
                                                {"kills", PlayKills},
                                                {"clients", PlayClients},
                                                {"consumers", PlayConsumers},
                                                {"starved", PlayStarved}};
  return kScenarios;
}

}  // namespace soak
