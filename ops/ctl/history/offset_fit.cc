#include "ops/ctl/history/offset_fit.h"

#include <string>

namespace ctl {

std::vector<std::string> FindMisfits(const OffsetFacts& facts) {
  std::vector<std::string> misfits;
  const auto text = [](std::int64_t number) { return std::to_string(number); };
  if (facts.offset > facts.end) {
    misfits.push_back("the group's offset lies beyond the log's end " + text(facts.end) +
                      ": it belongs to another log");
  }
  if (facts.offset < facts.begin) {
    misfits.push_back("the log begins at " + text(facts.begin) + ": " +
                      text(facts.begin - facts.offset) +
                      " offsets have expired before the group read them");
  }
  const auto& last = facts.metadata.last;
  if (last && facts.last_time && *facts.last_time != last->time) {
    misfits.push_back("the group has read another record at " + text(last->offset) + ", of " +
                      common::FormatRfc3339(last->time) + ": the log was replaced since");
  }
  const auto partitions = facts.metadata.partitions;
  if (partitions && *partitions != facts.partitions) {
    misfits.push_back("it was committed for " + text(*partitions) + " partitions, and there are " +
                      text(facts.partitions));
  }
  return misfits;
}

}  // namespace ctl
