#pragma once

#include <chrono>

#include "common/base/deadline.h"
#include "ingest/policy/shedding.h"

namespace ingest {

/// How long before the end of a drain the spool must get the callbacks that wait for Kafka, so that
/// they reach the disk in time.
///
///   time = 700 ms + 100 us a request + 1 s for each 32 MiB, at most `longest`
///
/// A working disk needs less: the time is enough to write and sync a commit several times.
[[nodiscard]] std::chrono::milliseconds TimeToSpool(const Load& waiting,
                                                    std::chrono::milliseconds longest);

/// The deadline for closing Kafka, so that half of the time until `deadline` is left to close the
/// spool.
[[nodiscard]] common::Deadline ShareOfKafka(common::Deadline::Clock::time_point now,
                                            common::Deadline deadline);

/// The spool's deadline once Kafka's client, which was given its share at `begun`, is closed: at
/// least the same share again. A call of librdkafka may take longer, and the disk is not to blame.
[[nodiscard]] common::Deadline ShareOfSpool(common::Deadline::Clock::time_point begun,
                                            common::Deadline::Clock::time_point now,
                                            common::Deadline deadline);

}  // namespace ingest
