#pragma once

#include "common/base/deadline.h"
#include "common/preflight/kafka_sight.h"
#include "common/telemetry/log.h"

namespace common::preflight {

/// Asks the cluster what JudgeKafka() judges, with a client of its own. It joins no group, writes
/// no record, and takes neither a producer's nor a transactional id.
///
/// Threads: any; blocks for a few seconds past the deadline at most.
[[nodiscard]] KafkaSight LookAtKafka(const KafkaNeeds& needs, const Logger& log, Deadline deadline);

}  // namespace common::preflight
