#include "ops/ctl/audit/announced_ledger.h"

#include <algorithm>
#include <functional>
#include <string>

#include "common/domain/ids.h"

namespace ctl {
namespace {

using common::WallTime;

common::Identity HashOf(std::string_view process) {
  return common::IdentityOf("", common::DossierId(), common::ProcessId(std::string(process)), "");
}

std::size_t ShortHashOf(std::string_view dossier) { return std::hash<std::string_view>()(dossier); }

}  // namespace

void AnnouncedLedger::Announce(const common::ExpectedProcess& expected, Offset offset, WallTime at,
                               std::chrono::milliseconds within) {
  if (at < range_.from || at >= range_.to) return;
  processes_[HashOf(expected.process.str())] = {.dossier = ShortHashOf(expected.dossier.str()),
                                                .offset = offset,
                                                .at = at,
                                                .due = at + within};
}

void AnnouncedLedger::Forget(std::string_view process) {
  const auto found = processes_.find(HashOf(process));
  if (found != processes_.end()) found->second.state = State::kForgotten;
}

void AnnouncedLedger::Came(std::string_view dossier, std::string_view process, WallTime at,
                           Sign sign) {
  const auto found = processes_.find(HashOf(process));
  if (found == processes_.end()) return;
  Process& its = found->second;
  if (its.state == State::kForgotten || its.dossier != ShortHashOf(dossier)) return;
  if (std::chrono::ceil<std::chrono::hours>(at) < its.at) return;
  if (sign == Sign::kReconciled) {
    its.state = State::kReconciled;
  } else if (its.state == State::kExpected) {
    its.state = State::kCame;
  }
}

AnnouncedJudgement AnnouncedLedger::Judge(WallTime now, WallTime complete_since) const {
  AnnouncedJudgement judgement;
  judgement.announced = processes_.size();
  for (const auto& [hash, process] : processes_) {
    switch (process.state) {
      case State::kCame:
        ++judgement.came;
        continue;
      case State::kReconciled:
        ++judgement.reconciled;
        continue;
      case State::kForgotten:
        ++judgement.forgotten;
        continue;
      case State::kExpected:
        break;
    }
    if (process.at < complete_since) {
      ++judgement.expired;
    } else if (process.due > now) {
      ++judgement.waiting;
    } else {
      judgement.missing.push_back({process.offset, process.due});
    }
  }
  std::ranges::sort(judgement.missing, {}, &AnnouncedJudgement::Missing::offset);
  return judgement;
}

}  // namespace ctl
