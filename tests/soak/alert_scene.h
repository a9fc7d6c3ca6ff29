#pragma once

#include "tests/soak/alert_watch.h"
#include "tests/soak/alert_world.h"
#include "tests/soak/run.h"

// The faults of AlertFaults(), group by group. Faults that do not affect each other overlap.
namespace soak {

/// Behaviours of the simulated API, as PUT /behaviour accepts them.
inline constexpr const char* kHealthyApi = R"({"latency_ms":20,"error_rate":0.02})";
inline constexpr const char* kMissingProcess = "alerts-missing-process";
inline constexpr const char* kHealthyApiWithoutOneProcess =
    R"({"latency_ms":20,"error_rate":0.02,"missing":["alerts-missing-process"]})";

struct AlertScene {
  Run& run;
  AlertWorld& world;
  AlertWatch& watch;
};

void PlayFaultsOfCallbacks(const AlertScene& scene);
void PlayFaultsOfTheApi(const AlertScene& scene);
void PlayFaultsOfConsumer(const AlertScene& scene);
void PlayFaultsOfKafka(const AlertScene& scene);
void PlayFaultsOfLogs(const AlertScene& scene);

}  // namespace soak
