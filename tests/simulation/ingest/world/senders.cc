#include "tests/simulation/ingest/world/senders.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "common/domain/callback_url.h"
#include "ops/simulator/sender_rules.h"

namespace simulation::intake {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kSpeed = 60;
constexpr seconds kPatience{10};
constexpr std::array<std::string_view, 8> kRoutes = {"paper",  "connect", "webid",  "mistyped",
                                                     "onfido", "eid",     "readid", "pictureid"};
constexpr std::size_t kOneShot = 4;  ///< The first of them.
constexpr std::string_view kDossier = "54a1ad5f-74dd-47ba-b992-1cb2b4636341";
constexpr std::array<std::string_view, 6> kStatuses = {"accepted", "rejected", "inconclusive",
                                                       "failed",   "canceled", "not_matched"};

std::string Digits(std::uint64_t number, int count) {
  std::string digits = std::to_string(number);
  while (digits.size() < static_cast<std::size_t>(count)) digits.insert(0, "0");
  return digits;
}

char ToUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

Senders::Senders(Runtime& runtime, Random random, Trace& trace, Judge& judge, Bodies bodies,
                 Find find)
    : runtime_(runtime),
      random_(random),
      trace_(trace),
      judge_(judge),
      bodies_(bodies),
      find_(std::move(find)) {
  AskWhoIsReady();
}

void Senders::AskWhoIsReady() {
  ready_.clear();
  for (Process* const process : find_()) {
    const bool answers = process->is_alive() && !process->is_frozen();
    ingest::Instance* const instance = process->instance();
    if (answers && instance != nullptr && instance->readiness().is_ready) ready_.push_back(process);
  }
  runtime_.After(seconds(1), [this] { AskWhoIsReady(); });
}

// Several facts of one process keep their order; most have one of their own.
std::string Senders::NewProcess() {
  if (processes_.empty() || random_.Chance(0.5)) {
    processes_.push_back("3065980b-f26b-4ec2-8987-" + Digits(processes_.size(), 12));
  }
  const std::size_t recent = std::min<std::size_t>(processes_.size(), 5);
  return processes_[processes_.size() - 1 - random_.Below(recent)];
}

std::string Senders::NewBody() {
  const std::string process = NewProcess();
  std::string body = R"({"dossierId":"54a1ad5f-74dd-47ba-b992-1cb2b4636341","processId":")" +
                     process + R"(","status":"accepted","number":)" + std::to_string(facts_.size());
  if (bodies_.may_be_big && random_.Chance(0.15)) {
    body += R"(,"more":")" + std::string(1'000 + random_.Below(10'000), 'x') + "\"";
  }
  return body + "}";
}

Senders::Fact Senders::NewFact(std::string route) {
  if (!bodies_.are_for_consumers) return {.route = std::move(route), .body = NewBody()};
  Fact fact{.route = std::move(route), .body = {}};
  if (random_.Chance(0.03)) {
    fact.body = "no callback, " + std::to_string(facts_.size());
    return fact;
  }
  fact.process = NewProcess();
  const std::size_t before = facts_of_process_[fact.process]++;
  fact.status = before < kStatuses.size() ? std::string(kStatuses.at(before))
                                          : "status " + std::to_string(before);
  if (bodies_.may_be_big && random_.Chance(0.15)) {
    fact.body = R"(,"more":")" + std::string(1'000 + random_.Below(10'000), 'x') + "\"";
  }
  return fact;
}

/// Each delivery is written in a way of its own.
std::string Senders::BodyOf(const Fact& fact) const {
  if (fact.process.empty()) return fact.body;
  std::string process = fact.process;
  if (fact.attempts % 2 == 0) std::ranges::transform(process, process.begin(), ToUpper);
  return R"({"dossierId":")" + std::string(kDossier) + R"(","processId":")" + process +
         R"(","status":")" + fact.status + R"(","delivery":)" + std::to_string(fact.attempts) +
         fact.body + "}";
}

bool Senders::MayRepeat(const Fact& fact) const {
  const auto window = providers_[providers_.Resolve(fact.route)].dedup_window;
  return runtime_.WallOf(nullptr) - fact.first_wall < window / 2;
}

const Senders::Reported* Senders::FindReported(const std::string& body) const {
  const auto found = reported_.find(body);
  return found == reported_.end() ? nullptr : &found->second;
}

void Senders::SendNew(int count, bool is_one_shot) {
  for (int i = 0; i < count; ++i) {
    const std::size_t choice = random_.Below(is_one_shot ? kOneShot : kRoutes.size());
    facts_.push_back(NewFact(std::string(kRoutes.at(choice))));
    AttemptAfter(facts_.size() - 1, random_.Between(milliseconds(0), milliseconds(300)));
  }
}

void Senders::SendAgain(int count) {
  for (int i = 0; i < count && !facts_.empty(); ++i) {
    AttemptAfter(random_.Below(facts_.size()), random_.Between(milliseconds(0), milliseconds(300)));
  }
}

void Senders::AttemptAfter(std::size_t fact, Span pause) {
  ++under_way_;
  runtime_.After(pause, [this, fact] { Attempt(fact); });
}

std::vector<Process*> Senders::Choose() {
  std::vector<Process*> among = find_();
  std::erase_if(
      among, [&](Process* process) { return std::ranges::find(ready_, process) == ready_.end(); });
  if (among.empty()) among = find_();
  for (std::size_t i = among.size(); i > 1; --i) std::swap(among[i - 1], among[random_.Below(i)]);
  return among;
}

void Senders::Attempt(std::size_t number) {
  Fact& fact = facts_[number];
  if (fact.attempts > 0 && !MayRepeat(fact)) {
    --under_way_;
    return;
  }
  if (fact.attempts++ == 0) {
    fact.first = runtime_.now();
    fact.first_wall = runtime_.WallOf(nullptr);
  }
  const std::string body = bodies_.are_for_consumers ? BodyOf(fact) : fact.body;
  reported_[body] = {
      .fact = number, .route = fact.route, .process = fact.process, .status = fact.status};
  const std::uint64_t delivery = ++last_delivery_;
  trace_.Note(runtime_.now(), "delivers", static_cast<std::int64_t>(number),
              static_cast<std::int64_t>(delivery));
  Posted posted{.delivery = delivery,
                .path = std::string(common::kCallbackPathPrefix) + "/" + fact.route,
                .body = body,
                .comes_in_pieces = random_.Chance(0.05),
                .pause = random_.Between(milliseconds(1), seconds(2))};
  judge_.Sending(delivery,
                 {.route = fact.route, .body = body, .comes_in_pieces = posted.comes_in_pieces});
  const auto is_over = std::make_shared<bool>(false);
  const auto on_answer = [this, number, is_over](const common::http::Answer* answer) {
    if (!std::exchange(*is_over, true)) OnAnswer(number, answer == nullptr ? 0 : answer->status);
  };
  runtime_.After(kPatience, [on_answer] { on_answer(nullptr); });
  for (Process* const process : Choose()) {
    FrontDoor* const door = process->door();
    if (process->is_alive() && door != nullptr && door->Post(posted, on_answer)) return;
  }
  // The proxy answers by itself, as ingest would.
  runtime_.After(milliseconds(1), [on_answer] {
    const common::http::Answer refused{.status = 429};
    on_answer(&refused);
  });
}

void Senders::OnAnswer(std::size_t number, int status) {
  --under_way_;
  Fact& fact = facts_[number];
  const simulator::SenderRules& rules = simulator::RulesOf(fact.route);
  const simulator::SenderReaction reaction = simulator::Judge(rules, status);
  if (reaction.hold_everyone > seconds(0)) {
    judge_.Blame(fact.route + " holds back all its callbacks for an hour");
    held_until_[fact.route] = runtime_.now() + reaction.hold_everyone / kSpeed;
  }
  fact.is_accepted |= reaction.accepted;
  if (fact.is_accepted || !reaction.may_retry || fact.attempts > rules.Repetitions()) return;
  const Span pause =
      rules.offsets.empty()
          ? Span(rules.every) / kSpeed
          : fact.first + Span(rules.offsets[fact.attempts - 1]) / kSpeed - runtime_.now();
  const Span held = held_until_[fact.route] - runtime_.now();
  const Time due = runtime_.now() + std::max({pause, held, Span(milliseconds(1))});
  runtime_.At(due, [this, number] {
    ++under_way_;
    Attempt(number);
  });
}

}  // namespace simulation::intake
