#include "ingest/spool/spool_count.h"

#include <chrono>
#include <utility>

namespace ingest {

SpoolCount::Part SpoolCount::GoOn(SpoolDatabase& database, common::Deadline deadline,
                                  const SpoolDatabase::Which& is_done) {
  const ScanGaps::Range range = gaps_.Next(counted_to_ + 1, last_);
  SpoolDatabase::Counted counted{.last_sequence = range.to};
  const common::Deadline at_once(common::Deadline::Clock::time_point{});
  if (range.from <= range.to) {
    counted =
        database.Count(range.from - 1, range.to, gaps_.is_trial() ? at_once : deadline, is_done);
  }
  if (gaps_.is_trial()) counted.holdings = {};
  counted_to_ = gaps_.Passed(
      range, {.passed = counted.last_sequence, .has_failed = counted.error.has_value()},
      std::chrono::steady_clock::now());
  is_done_ = counted_to_ >= last_;
  waits_ = counted.error && !gaps_.is_probing();
  return {.holdings = std::move(counted.holdings), .error = std::move(counted.error)};
}

}  // namespace ingest
