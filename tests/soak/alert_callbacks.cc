// Faults of callbacks, secrets and the spool file; a kill of ingest.
#include <filesystem>
#include <fstream>

#include "tests/soak/alert_scene.h"

namespace soak {
namespace {

/// consumer retries the callback until PlayFaultsOfTheApi() makes the process known.
void AskForAMissingProcess(const AlertScene& scene) {
  AlertWorld& world = scene.world;
  world.pipeline().Behave(kHealthyApiWithoutOneProcess);
  scene.watch.Inflict("missing");
  const bool is_sent = world.Ctl({"send", "--provider", "eid", "--process", kMissingProcess,
                                  "--target", "http://" + world.pipeline().ingest_address(),
                                  "--authorization-file", world.pipeline().secret_path().string()});
  scene.run.FailIf(!is_sent, "the callback cannot be sent");
}

void PlayMalformedAndSecrets(const AlertScene& scene) {
  const std::set<std::string> changed{"onfido", "paper"};
  scene.watch.Inflict("malformed");
  scene.run.FailIf(scene.world.PostText("eid", "no JSON") != 200,
                   "ingest refuses an unreadable callback");
  scene.watch.Inflict("secrets");
  scene.world.ChangeSecrets(changed, "another secret");
  scene.watch.Await("secrets");
  scene.world.ChangeSecrets(changed, tests::Pipeline::kAuthorization);
  scene.watch.Heal("secrets");
  scene.watch.Await("malformed");
  scene.watch.Heal("malformed");
  scene.watch.Settle("secrets");
  scene.watch.Settle("malformed");
}

void ReplaceTheSpool(const AlertScene& scene) {
  const auto spool = scene.world.pipeline().spool_path();
  const auto other = scene.run.directory() / "something";
  scene.watch.Inflict("spool");
  std::ofstream(other) << "something else\n";
  std::filesystem::rename(other, spool);
  scene.watch.Await("spool");
  std::filesystem::remove(spool);
  scene.watch.Heal("spool");
  scene.watch.Settle("spool");
}

}  // namespace

void PlayFaultsOfCallbacks(const AlertScene& scene) {
  AskForAMissingProcess(scene);

  scene.watch.Inflict("clocks");
  scene.world.WriteCallbackOfTheFuture();
  scene.watch.Await("clocks");
  scene.watch.Heal("clocks");  // The alert lasts five minutes: PlayFaultsOfConsumer().

  PlayMalformedAndSecrets(scene);
  ReplaceTheSpool(scene);

  // It refuses callbacks until its first contact with Kafka.
  scene.watch.Inflict("ingest");
  scene.world.KillIngest();
  scene.watch.Await("ingest");
  scene.world.StartIngest();
  scene.watch.Heal("ingest");
  scene.watch.Settle("ingest");
}

}  // namespace soak
