#include <optional>
#include <ostream>
#include <utility>

#include "common/kafka/classify_error.h"
#include "ops/ctl/dead/dead_commands.h"
#include "ops/ctl/dead/dead_topic.h"
#include "ops/ctl/shell/command_line.h"
#include "ops/ctl/shell/output.h"

namespace ctl {
namespace {

using common::Error;
using common::Remedy;
using common::Result;

Error NoLetter(const common::RecordPosition& place, const std::string& why) {
  return {Remedy::kStop, common::kafka::code::kUnexpected,
          "there is no dead letter " + ToText(place) + ": " + why};
}

Result<DeadRecord> ReadOne(const ClusterSettings& settings, const common::RecordPosition& place) {
  const Result<std::unique_ptr<TopicScan>> scan = TopicScan::Open(settings, settings.topics.dead);
  if (!scan) return scan.error();
  const Result<Extents> extents = scan.value()->Find({.partitions = {place.partition}});
  if (!extents) return extents.error();
  const Extent& kept = extents->at(place.partition);
  if (place.offset < kept.from) {
    return NoLetter(place,
                    "the records before offset " + std::to_string(kept.from) + " have expired");
  }
  if (place.offset >= kept.to) {
    return NoLetter(place, "the partition ends at offset " + std::to_string(kept.to));
  }
  std::optional<DeadRecord> found;
  const auto ended =
      scan.value()->Read({.extents = {{place.partition, {place.offset, place.offset + 1}}},
                          .visit = [&](const ScannedRecord& record) {
                            found = ToDeadRecord(record);
                            return true;
                          }});
  if (!ended) return ended.error();
  if (!found)
    return NoLetter(place, "that offset is a transaction marker, or its transaction was aborted");
  return *std::move(found);
}

}  // namespace

Result<int> ShowDead(const Arguments& arguments, Output& output) {
  const std::optional<common::RecordPosition> place = ParseRecordPosition(arguments.Operand(0));
  if (!place) {
    return Reject("`" + arguments.Operand(0) + "` is not a PARTITION:OFFSET such as 3:17");
  }
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();
  const Result<DeadRecord> record = ReadOne(*settings, *place);
  if (!record) return record.error();
  output.out << (output.is_json ? RenderJson(*record) + "\n"
                                : RenderText(*record, settings->topics.dead));
  return 0;
}

}  // namespace ctl
