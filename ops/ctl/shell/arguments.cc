#include "ops/ctl/shell/arguments.h"

#include "common/base/number.h"
#include "common/config/units.h"

namespace ctl {

using common::Error;
using common::Remedy;
using common::Result;

Error Reject(std::string detail) { return {Remedy::kReject, "usage", std::move(detail)}; }

Error Interrupted(std::string detail) { return {Remedy::kRetry, "interrupted", std::move(detail)}; }

std::string Arguments::Text(std::string_view name) const {
  const auto found = options_.find(name);
  return found == options_.end() ? std::string() : found->second;
}

Result<int> Arguments::Number(std::string_view name, int absent, int min, int max) const {
  if (!Has(name)) return absent;
  const auto number = common::ParseNumber<int>(Text(name));
  if (!number || *number < min || *number > max) {
    return Reject(std::string(name) + " must be a whole number from " + std::to_string(min) +
                  " to " + std::to_string(max));
  }
  return *number;
}

Result<std::optional<common::WallTime>> Arguments::Time(std::string_view name) const {
  if (!Has(name)) return std::optional<common::WallTime>();
  const std::optional<common::WallTime> time = common::ParseRfc3339(Text(name));
  if (!time) {
    return Reject(std::string(name) + " must be a time as in RFC 3339: 2026-11-23T07:00:00Z");
  }
  return time;
}

Result<std::optional<common::WallTime>> Arguments::From(common::WallTime now) const {
  if (!Has("--since")) return Time("--from");
  if (Has("--from")) return Reject("--from and --since exclude each other");
  const auto since = common::config::ParseDuration(Text("--since"));
  if (!since || since->count() <= 0 || *since > now.time_since_epoch()) {
    return Reject("--since must be a duration: 30m, 1h, 2d");
  }
  return std::optional<common::WallTime>(now - *since);
}

}  // namespace ctl
