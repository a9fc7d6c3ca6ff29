#include "ops/ctl/audit/audit_topics.h"

#include <utility>

namespace ctl {

common::Result<AuditTopics> OpenAuditTopics(const ClusterSettings& settings) {
  AuditTopics topics;
  for (const auto& [source, name] : {std::pair(&topics.callbacks, &settings.topics.callbacks),
                                     std::pair(&topics.seen, &settings.topics.seen),
                                     std::pair(&topics.processes, &settings.topics.processes),
                                     std::pair(&topics.dead, &settings.topics.dead)}) {
    auto opened = AuditSource::Open(settings, *name);
    if (!opened) return opened.error();
    *source = *std::move(opened);
  }
  return topics;
}

}  // namespace ctl
