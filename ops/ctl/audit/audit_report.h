#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/rfc3339.h"
#include "common/domain/partition.h"
#include "ops/ctl/audit/audit_ledger.h"
#include "ops/ctl/audit/audit_survey.h"

namespace ctl {

/// A finding with the names that an operator knows.
struct AuditLine {
  AuditFinding finding;
  common::Partition partition{};
  std::string key;
  std::string provider;
  std::optional<std::string> dossier;  ///< Normalised. None: the body is unreadable.
  std::optional<std::string> process;  ///< The same.
  std::optional<std::string> status;
  common::WallTime time{};
};

/// Counted while the lines are written.
struct AuditTally {
  std::size_t missing = 0;
  std::size_t surplus = 0;
  std::size_t unmarked = 0;
  /// Of the missing ones, those whose row is not known (LacksRow()). Nobody puts them back.
  std::size_t without_row = 0;
  std::optional<std::size_t> put_back{};  ///< None: without --redrive.

  void Count(AuditFault fault);
  [[nodiscard]] bool IsClean() const { return missing + surplus + unmarked == 0; }
};

[[nodiscard]] bool IsMissing(AuditFault fault);

/// The exit status of an audit with findings.
inline constexpr int kFound = 3;

/// One line, including its newline.
[[nodiscard]] std::string RenderText(const AuditLine& line);
[[nodiscard]] std::string RenderJson(const AuditLine& line);

/// The summary, in lines.
[[nodiscard]] std::string RenderText(const AuditSums& sums, const AuditTally& tally);
/// The members of the report's object after `findings`.
[[nodiscard]] std::string RenderJson(const AuditSums& sums, const AuditTally& tally);

/// 0: every callback is accounted for; 3: findings; 1: no findings, but some callbacks could not be
/// judged, or may have expired unread.
[[nodiscard]] int ExitStatusOf(const AuditSums& sums, const AuditTally& tally);

}  // namespace ctl
