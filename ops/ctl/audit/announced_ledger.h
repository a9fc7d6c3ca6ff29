#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/expected_process.h"
#include "common/domain/identity.h"
#include "ops/ctl/audit/audit_ledger.h"

namespace ctl {

/// The judgement on the announced processes of one partition.
struct AnnouncedJudgement {
  struct Missing {
    Offset offset{};         ///< Of the last announcement.
    common::WallTime due{};  ///< When its callback should have come.
  };
  std::vector<Missing> missing{};  ///< By offset.
  std::size_t announced = 0;       ///< Different processes: the sum of the next five and `missing`.
  std::size_t came = 0;            ///< A callback has come, or its result is there.
  std::size_t reconciled = 0;      ///< There is a result without a callback.
  std::size_t forgotten = 0;       ///< The announcement was taken back.
  std::size_t waiting = 0;         ///< Not due yet.
  std::size_t expired = 0;         ///< Retention may have deleted the callback and the result.
};

/// The announced processes of ONE partition in a range of record times, and what came of them.
///
/// A process is accounted for by a callback with a final status or by a result, of the dossier that
/// was announced, since the hour before the last announcement: consumer knows times to the hour.
///
/// Order:  first all announcements, by offset; then callbacks and results, in any order.
/// Memory: 100 bytes for each process.
class AnnouncedLedger {
 public:
  explicit AnnouncedLedger(AuditLedger::Range range) : range_(range) {}

  /// `within`: how long afterwards the callback is due. Ignores announcements outside the range.
  void Announce(const common::ExpectedProcess& expected, Offset offset, common::WallTime at,
                std::chrono::milliseconds within);
  /// At any time after the start of the range.
  void Forget(std::string_view process);

  enum class Sign { kCallback, kReconciled };
  /// A callback or a result with that record time. Precondition: its status is final.
  void Came(std::string_view dossier, std::string_view process, common::WallTime at, Sign sign);

  /// `complete_since`: since then, retention has deleted neither callbacks nor results.
  [[nodiscard]] AnnouncedJudgement Judge(common::WallTime now,
                                         common::WallTime complete_since) const;

 private:
  enum class State : std::uint8_t { kExpected, kCame, kReconciled, kForgotten };
  struct Process {
    std::size_t dossier = 0;  ///< A hash.
    Offset offset{};
    common::WallTime at{};
    common::WallTime due{};
    State state = State::kExpected;
  };

  AuditLedger::Range range_;
  std::unordered_map<common::Identity, Process> processes_;  ///< By a hash of the processId.
};

}  // namespace ctl
