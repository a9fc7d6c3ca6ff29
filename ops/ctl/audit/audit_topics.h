#pragma once

#include <memory>

#include "common/base/result.h"
#include "ops/ctl/audit/audit_source.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// The topics that an audit reads.
struct AuditTopics {
  std::unique_ptr<AuditSource> callbacks;
  std::unique_ptr<AuditSource> seen;
  std::unique_ptr<AuditSource> processes;
  std::unique_ptr<AuditSource> dead;
};

/// Errors: those of TopicScan.
[[nodiscard]] common::Result<AuditTopics> OpenAuditTopics(const ClusterSettings& settings);

}  // namespace ctl
