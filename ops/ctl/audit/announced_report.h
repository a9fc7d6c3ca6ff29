#pragma once

#include <string>

#include "common/base/rfc3339.h"
#include "common/domain/expected_process.h"
#include "common/domain/record_position.h"
#include "ops/ctl/audit/announced_survey.h"

namespace ctl {

/// An announced process of which nothing came.
struct AnnouncedLine {
  common::RecordPosition place;  ///< Of the announcement.
  common::WallTime at{};         ///< Its record time.
  common::WallTime due{};
  common::ExpectedProcess expected;
};

/// One line, including its newline.
[[nodiscard]] std::string RenderText(const AnnouncedLine& line);
[[nodiscard]] std::string RenderJson(const AnnouncedLine& line);

/// The summary, in lines.
[[nodiscard]] std::string RenderText(const AnnouncedSums& sums);
/// The members of the report's object after `findings`.
[[nodiscard]] std::string RenderJson(const AnnouncedSums& sums);

/// 0: all announced processes have come, or are not due; 3: some never came; 1: some could not be
/// judged.
[[nodiscard]] int ExitStatusOf(const AnnouncedSums& sums);

}  // namespace ctl
