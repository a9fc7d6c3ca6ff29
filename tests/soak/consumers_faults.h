#pragma once

#include "tests/harness/faults.h"
#include "tests/soak/callback_writer.h"
#include "tests/soak/run.h"

namespace soak {

constexpr int kConsumersNodes = 3;

/// Kills, stops and freezes instances past their session, and kills brokers, one victim at a time,
/// every 2 to 10 s. Returns once every fault is healed. Logs how many there were, and whether
/// `writer` is done.
void InflictConsumerFaults(Run& run, tests::FaultSchedule& faults, const CallbackWriter& writer,
                           int count);

}  // namespace soak
