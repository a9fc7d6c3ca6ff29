#pragma once

#include <chrono>

#include "ingest/policy/shedding.h"

namespace ingest {

/// How long before the end of a drain the spool must get what still waits for Kafka, so that it is
/// on disk in time.
///
///   time = 700 ms + 100 us a request + 1 s for each 32 MiB, at most `longest`
///
/// That is slower than a disk that works: a commit is written and synced several times over.
[[nodiscard]] std::chrono::milliseconds TimeToSpool(const Load& waiting,
                                                    std::chrono::milliseconds longest);

}  // namespace ingest
