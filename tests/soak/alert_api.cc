// The Assure API is down, and comes back with a backlog.
#include "tests/soak/alert_scene.h"

namespace soak {

void PlayFaultsOfTheApi(const AlertScene& scene) {
  tests::Pipeline& pipeline = scene.world.pipeline();
  AlertWatch& watch = scene.watch;
  watch.Inflict("api");
  pipeline.Behave(R"({"down":true})");
  watch.Await("api");
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
