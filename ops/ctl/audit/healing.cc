#include "ops/ctl/audit/healing.h"

#include "common/domain/dead_letter.h"
#include "ops/ctl/audit/audit_report.h"

namespace ctl {

// How to heal a hole depends on whether the consumer knows the identity:
//
//   no marker    the same record is a first delivery. If it is put back twice, or redelivered
//                meanwhile, the second copy is a duplicate.
//   no result    the same record would be a duplicate. The header `redrive`, which names the
//                callback, gives it a new identity: the same one each time it is put back. It goes
//                to its own partition, where its marker is.
std::optional<Healing> HealingOf(const AuditFinding& finding, const ScannedRecord& callback,
                                 const std::string& topic) {
  if (!IsMissing(finding.fault) || finding.stands_again) return std::nullopt;
  Healing healing{.partition = std::nullopt, .headers = callback.headers()};
  if (finding.fault == AuditFault::kNoMarker) return healing;
  healing.partition = callback.partition();
  std::erase_if(healing.headers, [](const auto& entry) {
    return entry.name == common::header::kRedrive || entry.name == common::header::kRedriveReason;
  });
  healing.headers.push_back(
      {std::string(common::header::kRedrive),
       common::RedriveName(topic, {callback.partition(), callback.offset()})});
  return healing;
}

}  // namespace ctl
