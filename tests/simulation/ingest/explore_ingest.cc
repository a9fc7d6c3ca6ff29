#include "tests/simulation/ingest/explore_ingest.h"

#include <iostream>

#include "tests/simulation/exploring.h"
#include "tests/simulation/ingest/world/adversary.h"
#include "tests/simulation/ingest/world/world.h"

namespace simulation::intake {

int Explore(const ExploreOptions& options) {
  Outcome all;
  const auto add = [&all](const Outcome& outcome) {
    all.facts += outcome.facts;
    all.deliveries += outcome.deliveries;
    all.promised += outcome.promised;
    all.spooled += outcome.spooled;
    all.copies += outcome.copies;
    all.refused += outcome.refused;
    all.faults += outcome.faults;
    all.covered += outcome.covered;
  };
  const auto tell = [&all] {
    std::cout << static_cast<double>(all.covered.count()) / 3600 << " h of virtual time, "
              << all.facts << " facts, " << all.deliveries << " deliveries, " << all.promised
              << " answered 200, " << all.spooled << " records from spools, " << all.copies
              << " copies, " << all.refused << " refused, " << all.faults << " faults";
  };
  return ExploreWorld(options, "ingest", &MakeScenario, add, tell);
}

}  // namespace simulation::intake
