#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/simulation/cluster/site.h"
#include "tests/simulation/world/instance.h"
#include "tests/simulation/world/judge.h"
#include "tests/simulation/world/raiser.h"
#include "tests/simulation/world/scenario.h"

namespace simulation {

/// The result of a scenario.
struct Outcome {
  std::vector<std::string> violations;
  std::uint64_t hash = 0;
  std::size_t facts = 0;
  std::size_t faults = 0;
  std::chrono::seconds covered{};
  int forgotten = 0;   ///< Control records that were never written.
  int partitions = 0;  ///< Of `callbacks`, in the end.
  std::size_t announced = 0;
  std::size_t reconciled = 0;  ///< Announced processes whose result has no callback.
  std::size_t lost = 0;        ///< Of these, as lanes have counted them.
  std::vector<std::string> trace;
  [[nodiscard]] bool is_good() const { return violations.empty(); }
};

/// The built-in rows; `events`, which reports the same facts as `onfido`; and `hooks` (kHookRow),
/// whose events are published as they came. `watches_expected`: their windows are long enough for
/// it.
[[nodiscard]] common::ProviderTable RowsOfWorld(bool watches_expected);

/// Instances of consumer on a cluster and an API, to which things happen.
class World {
 public:
  explicit World(const Scenario& scenario, bool keeps_trace = false);
  /// On a site with a cluster, where others may act, too. Callbacks come from them.
  World(const Scenario& scenario, Site& site);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Everything, to the end: faults, peace, the last look.
  [[nodiscard]] Outcome Run();

  // The parts of Run(), for who has a larger one.
  void Begin();
  /// Or waits for the request that it is aimed at.
  void Do(const Action& action);
  void EndFaults();
  [[nodiscard]] bool IsDone() const;
  void JudgeEnd(bool is_done);
  /// Processes end as the machines would let them: their objects are destroyed in their own
  /// threads.
  void CrashAll();
  /// Leaks the processes that have not ended, since a destructor would wait for them for ever.
  void LeaveAll();
  [[nodiscard]] Judge& judge() { return judge_; }

 private:
  /// `shared` null: its own.
  World(const Scenario& scenario, std::unique_ptr<Site> own, Site* shared);
  /// Whom an action is for; each kind takes one of them.
  struct Target {
    Instance* instance = nullptr;
    int broker = 0;
    Place place;
    int partition = 0;
  };
  void Do(const Action& action, const Target& target);
  void DoToInstance(const Action& action, Instance* instance);
  void DoToBroker(const Action& action, const Target& target);
  void DoToAll(const Action& action);
  void DoToLog(const Action& action, int partition);
  /// After its span, unless faults have ended.
  void Undo(const Action& action, std::function<void()> undo);
  [[nodiscard]] Mishap HasSent(std::string_view request, Place place, const Host& host);
  void WasCarriedOut(std::string_view request, Place place, const Host& host);
  [[nodiscard]] std::vector<Action> TakeArmed(std::string_view request, Place place,
                                              bool is_at_once);
  void DoAt(const Action& action, Place place, const Host& host);

  void Arrive(const Action& action);
  /// The next new callback is of a process whose document is larger than a topic accepts.
  void SkipToBig();
  [[nodiscard]] std::pair<int, Entry> AnEarlierOne();
  [[nodiscard]] std::pair<int, Entry> NewCallback();
  [[nodiscard]] Entry CallbackOf(const std::string& process) const;
  /// The callback of that process, written now.
  void Deliver(const std::string& process);
  void Announce(const Action& action);
  void AnnounceOne();
  void WriteAnnouncement(const std::string& process, const std::string& value);
  /// Traffic to come, even after the last action.
  void Later(Span span, std::function<void()> act);
  /// An instance beside the slots.
  void StartFor(Span span, const std::string& name);
  void Start(std::size_t slot);
  void StartAgain(std::size_t slot, Span after);
  void StartAllSlots();
  // Somebody adds partitions: stops every consumer, and senders for so long.
  void BeginRaise(const Action& action);
  void StopAllForRaise();
  void TryToRaise();
  void RaiseEnded(const Raiser::Ended& ended);
  void EndRaise();
  /// True if it is called later instead.
  [[nodiscard]] bool HoldsTraffic(std::function<void()> arrive);
  [[nodiscard]] Cluster& MakeCluster();
  void Supervise();
  void Look();
  void LookForFalseGreen();
  [[nodiscard]] bool IsGreen() const;
  /// Lanes say that nothing waits and nothing is in hand.
  [[nodiscard]] bool SaysNothingIsLeft() const;
  [[nodiscard]] bool HoldsForAllLanes(
      const std::function<bool(const consumer::LaneGauges&)>& holds) const;
  void JudgeSilence();
  void EndAll();

  Scenario scenario_;
  std::unique_ptr<Site> own_;  ///< Null: others act there, too.
  Site& site_;
  Runtime& runtime_;
  Random random_;
  Random announced_random_;  ///< Of its own: recorded histories stay what they are.
  Trace& trace_;
  Judge judge_;
  common::ProviderTable providers_;
  common::Logger log_;
  Cluster& cluster_;
  AssureApi api_;
  std::vector<Instance*> slots_;  ///< The current run of each instance; null: it is down.
  std::vector<std::unique_ptr<Instance>> all_;
  std::vector<std::pair<int, Entry>> written_;  ///< Callbacks, to be delivered again.
  std::vector<Action> armed_;                   ///< They wait for a request.
  int last_host_ = 0;
  int last_process_ = 0;
  int scaled_ = 0;
  int awaited_ = 0;  ///< Of Later().
  struct Raise {
    int to = 0;  ///< Partitions; 0: nobody adds any.
    bool is_on = false;
    bool is_over = false;  ///< The world ends.
    int tries = 0;
    Span kill_after{};  ///< Of the first try; 0: it is not killed.
    std::vector<std::function<void()>> held;
  };
  Raise raise_;
  std::vector<std::unique_ptr<Raiser>> raisers_;
  std::uint64_t peace_ = 0;  ///< Faults that began before it ended with it.
  Time not_green_at_{};
  Time something_left_at_{};
};

/// One history.
[[nodiscard]] Outcome RunScenario(const Scenario& scenario, bool keeps_trace = false);

}  // namespace simulation
