#include "tests/simulation/joint/explore_joint.h"

#include <iostream>

#include "tests/simulation/exploring.h"
#include "tests/simulation/joint/adversary.h"
#include "tests/simulation/joint/world.h"

namespace simulation::joint {

int Explore(const ExploreOptions& options) {
  Outcome all;
  const auto add = [&all](const Outcome& outcome) {
    all.facts += outcome.facts;
    all.deliveries += outcome.deliveries;
    all.promised += outcome.promised;
    all.copies += outcome.copies;
    all.spooled += outcome.spooled;
    all.disposed += outcome.disposed;
    all.announced += outcome.announced;
    all.reconciled += outcome.reconciled;
    all.redriven += outcome.redriven;
    all.healed += outcome.healed;
    all.audits += outcome.audits;
    all.faults += outcome.faults;
    all.covered += outcome.covered;
  };
  const auto tell = [&all] {
    std::cout << static_cast<double>(all.covered.count()) / 3600
              << " h of virtual time, sleep not counted, " << all.facts << " facts, "
              << all.deliveries << " deliveries, " << all.promised << " answered 200, "
              << all.spooled << " records from spools, " << all.copies << " copies, "
              << all.disposed << " disposed of, " << all.announced << " announced, "
              << all.reconciled << " without callback, " << all.redriven << " redriven, "
              << all.healed << " put back by " << all.audits << " audits, " << all.faults
              << " faults";
  };
  return ExploreWorld(options, "joint", &MakeScenario, add, tell);
}

}  // namespace simulation::joint
