#include "consumer/lane/callback_search.h"

#include <algorithm>

#include "common/domain/reconciled.h"
#include "consumer/state/expected_identities.h"

namespace consumer {
namespace {

using common::Identity;
using common::WallTime;

/// A callback that came before the announcement says nothing about the time after it. The table
/// knows times to the hour.
constexpr std::chrono::seconds kNotBefore{1};

bool WasHandledSince(const Task& task, const Identity& identity, WallTime announced_at) {
  return task.WasHandled(identity, announced_at, kNotBefore);
}

/// Of a process that was handled. Also reconciled if it got another status since, by a callback.
Sighting HowHandled(const Task& task, const common::DossierId& dossier,
                    const common::ProcessId& process, WallTime announced_at) {
  const Identity reconciled = common::IdentityOfReconciled(dossier, process, "");
  return WasHandledSince(task, reconciled, announced_at) ? Sighting::kReconciled
                                                         : Sighting::kHandled;
}

}  // namespace

std::optional<ExpectedEnd> EndAfter(Sighting sighting) {
  if (sighting == Sighting::kHandled) return ExpectedEnd::kCallback;
  return std::nullopt;
}

CallbackSearch::CallbackSearch(const common::ProviderTable& providers)
    : providers_(providers), reach_(providers.DedupReach()) {
  for (const common::ProviderRow& row : providers.rows()) {
    const std::string& name = common::NameOfFacts(row);
    if (std::ranges::find(names_, name) == names_.end()) names_.push_back(name);
  }
}

Sighting CallbackSearch::AtAnnouncement(const Announcement& announcement, const Task& task) {
  const Announcement::Expected& expected = *announcement.expected;
  const bool is_handled = std::ranges::any_of(expected.identities, [&](const Identity& identity) {
    return WasHandledSince(task, identity, announcement.at);
  });
  if (!is_handled) return Sighting::kNone;
  return HowHandled(task, expected.dossier, announcement.process, announcement.at);
}

Sighting CallbackSearch::BeforeLook(const Look& look, WallTime announced_at,
                                    const Task& task) const {
  for (const Identity& identity :
       IdentitiesOfLastCallback(NameOf(look), look.dossier, look.process)) {
    if (task.IsInHand(identity)) return Sighting::kInHand;
    if (WasHandledSince(task, identity, announced_at)) {
      return HowHandled(task, look.dossier, look.process, announced_at);
    }
  }
  return Sighting::kNone;
}

CallbackSearch::Found CallbackSearch::AfterLook(const Look& look, std::string_view status,
                                                const Task& task, WallTime now) const {
  const auto was_handled = [&](const Identity& identity) {
    return task.WasHandled(identity, now, reach_);
  };
  const auto reconciled = [&](std::string_view its_status) {
    return common::IdentityOfReconciled(look.dossier, look.process, its_status);
  };
  if (was_handled(reconciled(status))) return {Sighting::kReconciled};
  // An earlier result without a callback has marked "no status", too. If the process was opened
  // again after that, only the status tells.
  const bool is_plain_known = was_handled(reconciled(""));
  std::vector<std::string_view> names(names_.begin(), names_.end());
  names.push_back(NameOf(look));
  names.push_back(common::kNoRow);
  bool is_in_hand = false;
  for (const std::string_view name : names) {
    for (const std::string_view one : {status, std::string_view()}) {
      const Identity identity = common::IdentityOf(name, look.dossier, look.process, one);
      is_in_hand = is_in_hand || task.IsInHand(identity);
      if ((one.empty() && is_plain_known) || !was_handled(identity)) continue;
      if (name == NameOf(look)) return {Sighting::kHandled};
      const bool is_row = name != common::kNoRow;
      return {Sighting::kHandled, std::string(is_row ? name : common::kUnknownProvider)};
    }
  }
  return {is_in_hand ? Sighting::kInHand : Sighting::kNone};
}

std::string_view CallbackSearch::NameOf(const Look& look) const {
  const bool is_unknown = look.row == common::ProviderTable::kUnknown;
  return is_unknown ? std::string_view(look.provider) : common::NameOfFacts(providers_[look.row]);
}

}  // namespace consumer
