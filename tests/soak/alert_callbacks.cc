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

/// The API has finished it, and nobody sends a callback.
void AnnounceALostCallback(const AlertScene& scene) {
  scene.watch.Inflict("lost");
  scene.run.FailIf(!scene.world.Expect({"--dossier", "alerts-lost-dossier", "--process",
                                        "alerts-lost-process", "--provider", "onfido"}),
                   "the process cannot be announced");
  scene.watch.Await("lost");
  scene.watch.Heal("lost");  // The alert lasts for the hour of its rule: PlayFaultsOfConsumer().
}

void PlayMalformedAndSecrets(const AlertScene& scene) {
  const std::set<std::string> changed{"onfido", "paper"};
  scene.watch.Inflict("malformed");
  scene.run.FailIf(scene.world.PostText("eid", "no JSON") != 200,
                   "ingest refuses an unreadable callback");
  scene.watch.Inflict("stale");
  scene.world.SendStaleEvents();
  scene.watch.Inflict("secrets");
  scene.world.ChangeSecrets(changed, "another secret");
  scene.watch.Await("secrets");
  scene.world.ChangeSecrets(changed, tests::Pipeline::kAuthorization);
  scene.watch.Heal("secrets");
  scene.watch.Await("malformed");
  scene.watch.Heal("malformed");
  scene.watch.Settle("secrets");
  scene.watch.Settle("malformed");
  scene.watch.Await("stale");
  scene.watch.Heal("stale");
  scene.watch.Settle("stale");
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

/// No disk has so much.
void PromiseMoreThanTheDiskHolds(const AlertScene& scene) {
  scene.watch.Inflict("disk");
  scene.world.pipeline().spool["max_bytes"] = "1000000GiB";
  scene.world.KillIngest();
  scene.world.StartIngest();
  scene.watch.Await("disk");
  scene.world.pipeline().spool["max_bytes"] = AlertWorld::kSmallSpool;
  scene.world.KillIngest();
  scene.world.StartIngest();
  scene.watch.Heal("disk");
  scene.watch.Settle("disk");
}

}  // namespace

void PlayFaultsOfCallbacks(const AlertScene& scene) {
  AskForAMissingProcess(scene);
  AnnounceALostCallback(scene);

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
  PromiseMoreThanTheDiskHolds(scene);
}

}  // namespace soak
