#include "ops/ctl/history/offset_fit.h"

#include <optional>
#include <string>

namespace ctl {
namespace {

/// The first witness in whose place the log has another record. Of a log that went back and grew
/// beyond the last one, only those before a pause in reading tell.
std::optional<common::OffsetWitness> FindReplaced(const OffsetFacts& facts) {
  for (const common::OffsetWitness& witness : WitnessesOf(facts.metadata)) {
    const auto time = facts.times.find(witness.offset);
    if (time != facts.times.end() && time->second != witness.time) return witness;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> FindMisfits(const OffsetFacts& facts) {
  std::vector<std::string> misfits;
  if (facts.offset > facts.end) {
    misfits.push_back("the group's offset lies beyond the log's end " + ToText(facts.end) +
                      ": it belongs to another log");
  }
  if (facts.offset < facts.begin) {
    misfits.push_back("the log begins at " + ToText(facts.begin) + ": " +
                      std::to_string(facts.begin - facts.offset) +
                      " offsets have expired before the group read them");
  }
  if (const auto witness = FindReplaced(facts)) {
    misfits.push_back(
        "the group has read another record at " + ToText(witness->offset) + ", of " +
        common::FormatRfc3339(witness->time) + ": the log was replaced since" +
        (witness == facts.metadata.last ? "" : ", and what is new below may be unread"));
  }
  const auto partitions = facts.metadata.partitions;
  if (partitions && *partitions != facts.partitions) {
    misfits.push_back("it was committed for " + std::to_string(*partitions) +
                      " partitions, and there are " + std::to_string(facts.partitions));
  }
  return misfits;
}

}  // namespace ctl
