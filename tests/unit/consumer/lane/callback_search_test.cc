#include "consumer/lane/callback_search.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "common/domain/reconciled.h"
#include "consumer/state/expected_identities.h"

namespace consumer {
namespace {

using std::chrono::hours;

constexpr common::WallTime kNoon{hours(480'000)};

/// A callback of the process: by whose route it came, its status, and when it was handled.
struct Callback {
  const char* route = "onfido";
  const char* status = "accepted";
  hours handled_after{1};  ///< The announcement.
  bool is_in_hand = false;
};

/// The search's answer: the sighting, and the route if it is not the announced provider's.
std::string Describe(const CallbackSearch::Found& found) {
  const std::string where = found.elsewhere ? " by " + *found.elsewhere : "";
  switch (found.sighting) {
    case Sighting::kNone:
      return "none" + where;
    case Sighting::kInHand:
      return "in hand" + where;
    case Sighting::kHandled:
      return "handled" + where;
    case Sighting::kReconciled:
      return "reconciled" + where;
  }
  return "?";
}

class Searched {
 public:
  explicit Searched(const std::vector<Callback>& callbacks) : task_(providers_.DedupReach()) {
    RestoredPartition restored;
    for (const Callback& callback : callbacks) {
      if (callback.is_in_hand) continue;
      restored.table.Insert(IdentityOf(callback), kNoon + callback.handled_after);
    }
    task_.Restored(std::move(restored));
    std::int64_t offset = 0;
    for (const Callback& callback : callbacks) {
      if (!callback.is_in_hand) continue;
      static_cast<void>(task_.Admit({.offset = Offset(offset++),
                                     .identity = IdentityOf(callback),
                                     .record_time = kNoon,
                                     .judged_at = kNoon,
                                     .windows = {hours(12), hours(12)}},
                                    kNoon));
    }
  }

  [[nodiscard]] std::string AtAnnouncement() const {
    const Announcement announcement{
        .at = kNoon,
        .process = look_.process,
        .expected = Announcement::Expected{
            .dossier = look_.dossier,
            .identities = IdentitiesOfLastCallback("onfido", look_.dossier, look_.process)}};
    return Describe({CallbackSearch::AtAnnouncement(announcement, task_)});
  }
  [[nodiscard]] std::string BeforeLook() const {
    return Describe({search_.BeforeLook(look_, kNoon, task_)});
  }
  [[nodiscard]] std::string AfterLook() const {
    return Describe(search_.AfterLook(look_, "accepted", task_, kNoon + hours(2)));
  }

 private:
  [[nodiscard]] common::Identity IdentityOf(const Callback& callback) const {
    if (std::string_view(callback.route) == "reconciled") {
      return common::IdentityOfReconciled(look_.dossier, look_.process, callback.status);
    }
    return common::IdentityOf(callback.route, look_.dossier, look_.process, callback.status);
  }

  common::ProviderTable providers_;
  CallbackSearch search_{providers_};
  Look look_{.process = common::ProcessId("p"),
             .dossier = common::DossierId("d"),
             .provider = "onfido",
             .row = providers_.Resolve("onfido")};
  Task task_;
};

struct SearchCase {
  const char* name;
  std::vector<Callback> callbacks;
  const char* at_announcement;
  const char* before_look;
  const char* after_look;
};
void PrintTo(const SearchCase& c, std::ostream* out) { *out << c.name; }

class CallbackSearchTable : public ::testing::TestWithParam<SearchCase> {};

TEST_P(CallbackSearchTable, FindsCallback) {
  const Searched searched(GetParam().callbacks);
  EXPECT_EQ(searched.AtAnnouncement(), GetParam().at_announcement);
  EXPECT_EQ(searched.BeforeLook(), GetParam().before_look);
  EXPECT_EQ(searched.AfterLook(), GetParam().after_look);
}

INSTANTIATE_TEST_SUITE_P(
    Table, CallbackSearchTable,
    ::testing::Values(
        SearchCase{"NoCallback", {}, "none", "none", "none"},
        SearchCase{"Handled", {{}}, "handled", "handled", "handled"},
        SearchCase{"HandledWithoutStatus", {{.status = ""}}, "handled", "handled", "handled"},
        SearchCase{"HandledBeforeTheAnnouncement",
                   {{.handled_after = hours(-2)}},
                   "none",
                   "none",
                   "handled"},
        SearchCase{
            "HandledWithAnotherStatus", {{.status = "rejected"}}, "handled", "handled", "none"},
        SearchCase{"InHand", {{.is_in_hand = true}}, "none", "in hand", "in hand"},
        SearchCase{
            "HandledByAnotherRoute", {{.route = "readid"}}, "none", "none", "handled by readid"},
        SearchCase{"InHandByAnotherRoute",
                   {{.route = "readid", .is_in_hand = true}},
                   "none",
                   "none",
                   "in hand"},
        SearchCase{"HandledByARouteThatIsNoRow",
                   {{.route = "/no-row"}},
                   "none",
                   "none",
                   "handled by unknown"},
        SearchCase{
            "Reconciled",
            {{}, {.status = ""}, {.route = "reconciled"}, {.route = "reconciled", .status = ""}},
            "reconciled",
            "reconciled",
            "reconciled"},
        SearchCase{"ReconciledWithAnotherStatus",
                   {{.status = "rejected"},
                    {.status = ""},
                    {.route = "reconciled", .status = "rejected"},
                    {.route = "reconciled", .status = ""}},
                   "reconciled",
                   "reconciled",
                   "none"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(CallbackSearch, NamesEndOfHandledProcessOnly) {
  EXPECT_EQ(EndAfter(Sighting::kHandled), ExpectedEnd::kCallback);
  EXPECT_EQ(EndAfter(Sighting::kReconciled), std::nullopt) << "counted when its result was made";
}

}  // namespace
}  // namespace consumer
