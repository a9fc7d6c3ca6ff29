// The Assure API is down, and comes back with a backlog.
#include "tests/soak/alert_scene.h"

namespace soak {

void PlayFaultsOfTheApi(const AlertScene& scene) {
  tests::Pipeline& pipeline = scene.world.pipeline();
  AlertWatch& watch = scene.watch;
  watch.Inflict("api");
  pipeline.Behave(R"({"down":true})");
  const std::vector<std::string> due{"--dossier",          "alerts-due-dossier", "--process",
                                     "alerts-due-process", "--provider",         "onfido"};
  scene.run.FailIf(!scene.world.Expect(due), "the process cannot be announced");
  watch.Await("api");
  // Otherwise its callback would be lost.
  scene.run.FailIf(!scene.world.Expect({"--forget", "--process", "alerts-due-process"}),
                   "the announcement cannot be taken back");
  pipeline.Behave(kHealthyApiWithoutOneProcess);
  watch.Heal("api");
  watch.Inflict("backlog");
  watch.Await("backlog");
  watch.Heal("backlog");
  watch.Settle("api");
  watch.Settle("backlog");
  watch.Await("missing");
  pipeline.Behave(kHealthyApi);
  watch.Heal("missing");
  watch.Settle("missing");
}

}  // namespace soak
