#include "ops/ctl/erase/naming_judge.h"

#include <utility>

#include "common/callback/callback_facts.h"
#include "common/domain/dead_letter.h"
#include "common/domain/ids.h"
#include "common/domain/omitted_body.h"
#include "common/domain/reconciled.h"
#include "common/json/api_answer.h"
#include "common/json/callback_body.h"
#include "common/json/expected_process.h"
#include "ops/ctl/records/callback_identity.h"
#include "ops/ctl/records/named_callback.h"

namespace ctl {
namespace {

using What = NamingRecord::What;
using How = NamingRecord::How;

/// Normalised; none if there is no such field.
struct NamedIds {
  std::optional<common::DossierId> dossier{};
  std::optional<common::ProcessId> process{};
};

template <typename Id>
std::optional<Id> Named(Id id) {
  return id.empty() ? std::nullopt : std::optional(std::move(id));
}

NamedIds IdsIn(What what, const JudgedRecord& record, const common::ProviderTable& providers) {
  if (what == What::kAnnouncement) {
    auto body = common::json::ReadCallbackBody(record.value);  // Of any form: others write them.
    return {std::move(body.dossier), std::move(body.process)};
  }
  if (what != What::kResult) {
    auto facts = common::ReadCallback(record.value, record.headers, providers);
    return {Named(std::move(facts.dossier)), Named(std::move(facts.process))};
  }
  auto answer = common::json::ReadResourceAnswer(record.value);
  if (!answer) return {};
  NamedIds ids{.dossier = common::DossierId(std::move(answer->ids.dossier.value))};
  std::string& process = answer->ids.process.value;
  if (!process.empty()) ids.process.emplace(std::move(process));
  return ids;
}

}  // namespace

std::optional<How> NamingJudge::Judge(What what, const JudgedRecord& record) {
  if (what == What::kMarker) {
    const auto identity = common::Identity::FromBytes(record.key);
    return identity && identities_.contains(*identity) ? std::optional(How::kHash) : std::nullopt;
  }
  const auto named = IdsIn(what, record, providers_).dossier;
  if (named == dossier_.id()) return How::kField;
  if (dossier_.IsIn(record.value) || dossier_.IsIn(record.key) || dossier_.IsIn(record.headers)) {
    return How::kText;
  }
  if (what == What::kResult || named) return std::nullopt;
  // Its body is left out, or has no dossierId. The key is the processId, if the body had one.
  const bool is_known = processes_.contains(common::NormalizeId(std::string(record.key)));
  return is_known ? std::optional(How::kKey) : std::nullopt;
}

std::optional<OpenRecord> NamingJudge::Open(What what, const std::string& topic,
                                            const common::RecordPosition& place,
                                            const JudgedRecord& record) const {
  const NamedIds ids = IdsIn(what, record, providers_);
  if (what == What::kAnnouncement && !ids.dossier) {  // To forget a process, for example.
    return OpenRecord{.key = common::NormalizeId(std::string(record.key)), .identities = {}};
  }
  if (what != What::kCallback && what != What::kLetter) return std::nullopt;
  const bool is_omitted = common::IsBodyOmitted(record.headers);
  if (ids.dossier || (!ids.process && !is_omitted)) return std::nullopt;
  return OpenRecord{.key = common::NormalizeId(std::string(record.key)),
                    .identities = IdentitiesOf(topic, place, record),
                    .is_omitted = is_omitted};
}

std::optional<How> NamingJudge::JudgeAgain(const OpenRecord& open) {
  if (processes_.contains(open.key)) {
    identities_.insert(open.identities.begin(), open.identities.end());
    return How::kKey;
  }
  if (open.is_omitted) ++unjudged_;
  return std::nullopt;
}

std::vector<common::Identity> NamingJudge::IdentitiesOf(const std::string& topic,
                                                        const common::RecordPosition& place,
                                                        const JudgedRecord& record) const {
  const common::CallbackFacts facts =
      common::ReadCallback(record.value, record.headers, providers_);
  const CallbackIdentity is = IdentifyCallback(facts, record.headers);
  std::vector<common::Identity> identities{
      is.identity, is.fact, common::IdentityOfRedriven(is.fact, common::RedriveName(topic, place))};
  // Of a callback whose route is no row, if announced processes were watched.
  if (facts.row == common::ProviderTable::kUnknown) {
    identities.push_back(
        common::IdentityOfNoRow(facts.dossier, facts.process, facts.status.value_or("")));
  }
  if (facts.event_id) {
    identities.push_back(common::IdentityOfEvent(providers_[facts.row].name, *facts.event_id));
  }
  return identities;
}

void NamingJudge::Learn(What what, const std::string& topic, const common::RecordPosition& place,
                        const JudgedRecord& record) {
  if (what == What::kMarker) return;
  const NamedIds ids = IdsIn(what, record, providers_);
  if (ids.dossier == dossier_.id() && ids.process) processes_.insert(ids.process->str());
  if (what == What::kResult) {
    const auto name = ReadResultName(record.value, providers_);
    if (name && name->fact) identities_.insert(*name->fact);
    if (!name) return;
    LearnRow(name->provider);
    if (!name->place) LearnReconciled(*name);
    if (providers_.Resolve(name->provider) == common::ProviderTable::kUnknown) {
      identities_.insert(common::IdentityOfNoRow(common::DossierId(name->dossier.value_or("")),
                                                 common::ProcessId(name->process.value_or("")),
                                                 name->status.value_or("")));
    }
    return;
  }
  if (what == What::kAnnouncement) {
    // The process may be published without a callback: see the watch for announced processes.
    if (const auto expected =
            common::json::ReadExpectedProcess(record.value, common::json::OtherFields::kIgnore)) {
      const auto& row = providers_[providers_.Resolve(expected->provider)];
      rows_.insert(row.name);
      identities_.insert(
          common::IdentityOf(NameOfFacts(row), expected->dossier, expected->process, ""));
      identities_.insert(common::IdentityOfReconciled(expected->dossier, expected->process, ""));
    }
    return;
  }
  LearnRow(common::ReadCallback(record.value, record.headers, providers_).provider);
  const auto identities = IdentitiesOf(topic, place, record);
  identities_.insert(identities.begin(), identities.end());
}

void NamingJudge::LearnRow(std::string_view provider) {
  rows_.insert(providers_[providers_.Resolve(provider)].name);
}

void NamingJudge::LearnReconciled(const ResultName& name) {
  const common::DossierId dossier(name.dossier.value_or(""));
  const common::ProcessId process(name.process.value_or(""));
  const auto provider = common::NameOfFacts(providers_, name.provider);
  for (const std::string& status : {name.status.value_or(""), std::string()}) {
    identities_.insert(common::IdentityOf(provider, dossier, process, status));
    identities_.insert(common::IdentityOfReconciled(dossier, process, status));
  }
}

std::string AboutLostMarkers(const RecordEnd& end) {
  const std::string until = end.when == RecordEnd::When::kBy
                                ? "until " + common::FormatRfc3339(end.by)
                                : std::string(ToText(end.when)) + ": " + end.why;
  return "markers of callbacks that have expired (hashes, without ids) are not found any more, and "
         "may remain (" +
         until + ")";
}

std::string AboutUnjudged(std::size_t letters) {
  return std::to_string(letters) + (letters == 1 ? " dead letter has" : " dead letters have") +
         " no body (dead.body: omitted) and the key of no process of the dossier that is known "
         "here: whether it belongs to the dossier is unknown";
}

}  // namespace ctl
