#include "ops/ctl/audit/announced_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "ops/ctl/audit/announced_report.h"

namespace ctl {
namespace {

using namespace std::chrono_literals;
using common::WallTime;
using std::chrono::hours;
using Sign = AnnouncedLedger::Sign;
using testing::HasSubstr;

constexpr WallTime kNoon{hours(24 * 20'000 + 12)};

common::ExpectedProcess Process(const std::string& id) {
  return {
      .dossier = common::DossierId("d"), .process = common::ProcessId(id), .provider = "onfido"};
}

/// The ledger of one partition, whose range is the day of kNoon. Callbacks are due after an hour.
class Partition {
 public:
  Partition& Announce(const std::string& process, std::chrono::milliseconds after_noon = 0ms) {
    ledger_.Announce(Process(process), Offset(next_++), kNoon + after_noon, 1h);
    return *this;
  }
  Partition& Forget(const std::string& process) {
    ++next_;
    ledger_.Forget(process);
    return *this;
  }
  Partition& Came(const std::string& process, std::chrono::milliseconds after_noon,
                  Sign sign = Sign::kCallback, const std::string& dossier = "d") {
    ledger_.Came(dossier, process, kNoon + after_noon, sign);
    return *this;
  }
  /// As judged at six o'clock.
  [[nodiscard]] std::string Judged(WallTime complete_since = WallTime::min()) {
    const AnnouncedJudgement judgement = ledger_.Judge(kNoon + 6h, complete_since);
    std::string text;
    for (const auto& missing : judgement.missing) {
      text += ToText(missing.offset) + " is missing; ";
    }
    const auto count = [&](std::size_t number, const std::string& what) {
      if (number > 0) text += std::to_string(number) + " " + what + ", ";
    };
    count(judgement.came, "came");
    count(judgement.reconciled, "reconciled");
    count(judgement.forgotten, "forgotten");
    count(judgement.waiting, "waiting");
    count(judgement.expired, "expired");
    EXPECT_EQ(judgement.announced, judgement.missing.size() + judgement.came +
                                       judgement.reconciled + judgement.forgotten +
                                       judgement.waiting + judgement.expired);
    return text.empty() ? text : text.substr(0, text.size() - 2);
  }

 private:
  std::int64_t next_ = 5;
  AnnouncedLedger ledger_{{.from = kNoon - 12h, .to = kNoon + 12h}};
};

TEST(AnnouncedLedger, FindsMissingCallbacks) {
  EXPECT_EQ(Partition().Announce("a").Announce("b").Came("a", 10min).Judged(),
            "6 is missing; 1 came");
}

TEST(AnnouncedLedger, AcceptsAResultWithoutACallbackAndTheCallbackAfterIt) {
  EXPECT_EQ(Partition().Announce("a").Came("a", 2h, Sign::kReconciled).Judged(), "1 reconciled");
  EXPECT_EQ(Partition().Announce("a").Came("a", 3h).Came("a", 2h, Sign::kReconciled).Judged(),
            "1 reconciled");
}

TEST(AnnouncedLedger, AcceptsCallbacksUpToAnHourBeforeAnnouncement) {
  EXPECT_EQ(Partition().Announce("a", 1min).Came("a", -30min).Judged(), "5 is missing");
  EXPECT_EQ(Partition().Announce("a", 59min).Came("a", 1min).Judged(), "1 came");
}

TEST(AnnouncedLedger, DoesNotAcceptTheCallbackOfAnotherDossier) {
  EXPECT_EQ(Partition().Announce("a").Came("a", 1min, Sign::kCallback, "other").Judged(),
            "5 is missing");
}

TEST(AnnouncedLedger, AppliesWithdrawalsAndRepeatedAnnouncements) {
  EXPECT_EQ(Partition().Announce("a").Forget("a").Judged(), "1 forgotten");
  EXPECT_EQ(Partition().Announce("a").Forget("a").Announce("a", 2min).Judged(), "7 is missing");
  EXPECT_EQ(Partition().Announce("a").Announce("a", 3h).Came("a", 1h).Judged(), "6 is missing")
      << "it was announced again";
}

TEST(AnnouncedLedger, WaitsUntilACallbackIsDue) {
  EXPECT_EQ(Partition().Announce("a", 5h + 1ms).Announce("b", 5h).Judged(),
            "6 is missing; 1 waiting");
}

TEST(AnnouncedLedger, DoesNotJudgeWhereRetentionMayHaveDeleted) {
  EXPECT_EQ(Partition().Announce("a").Announce("b", 1h).Judged(kNoon + 1h),
            "6 is missing; 1 expired");
}

TEST(AnnouncedLedger, IgnoresAnnouncementsOutsideTheRange) {
  EXPECT_EQ(Partition().Announce("a", -13h).Announce("b", 12h).Judged(), "");
}

TEST(AnnouncedReport, NamesOverdueProcesses) {
  AnnouncedSums sums;
  sums.judged.announced = 9;
  sums.judged.came = 6;
  sums.judged.reconciled = 2;
  EXPECT_EQ(RenderText(sums),
            "9 announced processes: 6 came, 2 with a result without a callback\n"
            "nothing is overdue\n");
  EXPECT_EQ(ExitStatusOf(sums), 0);
  sums.judged.expired = 1;
  EXPECT_EQ(ExitStatusOf(sums), 1);
  sums.missing = 1;
  EXPECT_EQ(ExitStatusOf(sums), 3);
  EXPECT_THAT(RenderText(sums), HasSubstr("FOUND: 1 overdue\n"));
  EXPECT_THAT(RenderJson(sums), HasSubstr(R"("ok":false,"announced":9,"came":6,"reconciled":2,)"));
  const AnnouncedLine line{.place = {common::Partition(3), Offset(17)},
                           .at = kNoon,
                           .due = kNoon + 1h,
                           .expected = Process("p")};
  EXPECT_THAT(RenderText(line), testing::StartsWith("overdue   3:17        process p "));
  EXPECT_THAT(RenderJson(line), HasSubstr(R"("offset":17,"provider":"onfido","dossierId":"d",)"));
}

}  // namespace
}  // namespace ctl
