#include "consumer/lane/arrival.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "common/domain/reconciled.h"

namespace consumer {
namespace {

using std::chrono::hours;

constexpr common::WallTime kNoon{hours(480'000)};

/// A callback of process `p` and dossier `d`; `redrive`: the number of a redriven letter.
common::CallbackFacts Facts(std::string_view provider, std::string_view body,
                            std::string_view redrive = "") {
  common::RecordHeaders headers{{"provider", std::string(provider)}};
  if (!redrive.empty())
    headers.push_back({std::string(common::header::kRedrive), std::string(redrive)});
  return common::ReadCallback(body, headers, common::ProviderTable());
}

constexpr std::string_view kBody = R"({"dossierId":"d","processId":"p","status":"accepted"})";

struct ArrivalCase {
  const char* name;
  common::CallbackFacts facts;
  bool watches_expected;
  bool has_reconciled;
  bool has_no_row;
};
void PrintTo(const ArrivalCase& c, std::ostream* out) { *out << c.name; }

class ArrivalTable : public ::testing::TestWithParam<ArrivalCase> {};

TEST_P(ArrivalTable, HasIdentitiesOfAnnouncedProcess) {
  const common::ProviderTable providers;
  const ArrivalRules rules(providers, GetParam().watches_expected);
  const Arrival arrival =
      rules.Of(GetParam().facts, {.offset = Offset(7), .time = kNoon, .effective_time = kNoon});
  const common::DossierId dossier("d");
  const common::ProcessId process("p");
  EXPECT_EQ(arrival.reconciled,
            GetParam().has_reconciled
                ? std::optional(common::IdentityOfReconciled(dossier, process, "accepted"))
                : std::nullopt);
  EXPECT_EQ(arrival.no_row, GetParam().has_no_row ? std::optional(common::IdentityOfNoRow(
                                                        dossier, process, "accepted"))
                                                  : std::nullopt);
  EXPECT_EQ(arrival.identity, GetParam().facts.identity);
  EXPECT_EQ(arrival.offset, Offset(7));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ArrivalTable,
    ::testing::Values(ArrivalCase{"NotWatched", Facts("onfido", kBody), false, false, false},
                      ArrivalCase{"Watched", Facts("onfido", kBody), true, true, false},
                      ArrivalCase{"RouteThatIsNoRow", Facts("acme", kBody), true, true, true},
                      ArrivalCase{"Redriven", Facts("onfido", kBody, "1-7"), true, false, false},
                      ArrivalCase{"Unreadable", Facts("onfido", "{"), true, false, false},
                      ArrivalCase{"WithoutIds", Facts("onfido", "{}"), true, false, false}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Arrival, IsJudgedAtEffectiveTimeAndKeepsItsOwn) {
  const common::ProviderTable providers;
  const ArrivalRules rules(providers, false);
  const Arrival arrival =
      rules.Of(Facts("onfido", kBody),
               {.offset = Offset(7), .time = kNoon - hours(5), .effective_time = kNoon - hours(1)});
  EXPECT_EQ(arrival.record_time, kNoon - hours(5));
  EXPECT_EQ(arrival.judged_at, kNoon - hours(1));
  EXPECT_EQ(arrival.marked_at, kNoon - hours(1));
  EXPECT_EQ(arrival.windows.identity, providers[providers.Resolve("onfido")].dedup_window);
}

}  // namespace
}  // namespace consumer
