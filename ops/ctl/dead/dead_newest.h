#pragma once

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "ops/ctl/dead/dead_filter.h"
#include "ops/ctl/dead/dead_record.h"
#include "ops/ctl/shell/progress.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// The letters that died last, of any number of letters.
class NewestLetters {
 public:
  explicit NewestLetters(std::size_t most) : most_(most) {}

  /// Keeps excerpts of its texts: the sender may have made them of any length.
  void Add(DeadSummary letter);
  /// All that were added.
  [[nodiscard]] std::int64_t count() const { return count_; }
  /// The newest first.
  [[nodiscard]] std::vector<DeadSummary> Take() &&;

 private:
  std::size_t most_;
  std::int64_t count_ = 0;
  std::vector<DeadSummary> kept_;  ///< A heap, whose top is the oldest one.
};

/// Errors: those of ForEachDeadLetter(). After a stop there are only the letters read so far.
[[nodiscard]] common::Result<NewestLetters> ReadNewestLetters(const ClusterSettings& settings,
                                                              const DeadFilter& filter,
                                                              std::size_t most, Progress& progress,
                                                              const std::stop_token& stop);

/// {"letters":[…],"matching":N}, without a newline.
[[nodiscard]] std::string RenderJson(NewestLetters letters);

}  // namespace ctl
