#include "common/preflight/rights.h"

#include <algorithm>
#include <string_view>

namespace common::preflight {
namespace {

constexpr std::string_view kCluster = "kafka-cluster";

std::string_view ToText(Right::Resource resource) {
  switch (resource) {
    case Right::Resource::kCluster:
      return "cluster";
    case Right::Resource::kTopic:
      return "topic";
    case Right::Resource::kGroup:
      return "group";
    case Right::Resource::kTransactionalId:
      return "transactional id";
  }
  return "";
}

std::string_view ToText(Right::Operation operation) {
  switch (operation) {
    case Right::Operation::kRead:
      return "Read";
    case Right::Operation::kWrite:
      return "Write";
    case Right::Operation::kDescribe:
      return "Describe";
  }
  return "";
}

/// True if the entry is about the right's resource, for any principal and operation.
bool Names(const AclEntry& entry, const Right& right) {
  if (entry.resource != right.resource) return false;
  if (entry.is_prefix) return right.name.starts_with(entry.name);
  return entry.name == "*" || entry.name == right.name;
}

bool Matches(const AclEntry& entry, const Right& right) {
  return entry.operations.contains(right.operation) && Names(entry, right);
}

enum class Answer { kGranted, kRefused, kUnknown };

/// Judges by the entries. A denial overrides a grant. The host of this client is not known.
Answer AskEntries(const std::vector<AclEntry>& entries, const std::string& principal,
                  const Right& right) {
  Answer answer = Answer::kRefused;
  for (const AclEntry& entry : entries) {
    const bool is_ours = entry.principal == principal || entry.principal == "User:*";
    if (!is_ours || !Matches(entry, right)) continue;
    if (!entry.is_for_every_host) return Answer::kUnknown;
    if (entry.is_denial) return Answer::kRefused;
    answer = Answer::kGranted;
  }
  return answer;
}

bool IsShown(const RightsSight& sight, const Right& right) {
  if (sight.shown.contains(right)) return true;
  if (right.operation != Right::Operation::kDescribe) return false;
  return std::ranges::any_of(sight.shown, [&](const Right& other) {
    return other.resource == right.resource && other.name == right.name;
  });
}

/// False if this client did something that no entry grants.
bool Explain(const std::vector<AclEntry>& entries, const RightsSight& sight) {
  // It has listed the entries.
  const Right listing{Right::Resource::kCluster, std::string(kCluster),
                      Right::Operation::kDescribe};
  if (AskEntries(entries, sight.principal, listing) == Answer::kRefused) return false;
  return std::ranges::none_of(sight.shown, [&](const Right& right) {
    return AskEntries(entries, sight.principal, right) == Answer::kRefused;
  });
}

Answer Ask(const Right& right, const RightsSight& sight) {
  const Right describe{right.resource, right.name, Right::Operation::kDescribe};
  if (sight.denied.contains(right) || sight.denied.contains(describe)) return Answer::kRefused;
  if (IsShown(sight, right)) return Answer::kGranted;
  if (const auto found = sight.allowed.find({right.resource, right.name});
      found != sight.allowed.end()) {
    return found->second.contains(right.operation) ? Answer::kGranted : Answer::kRefused;
  }
  if (!sight.acls || sight.principal.empty() || !Explain(*sight.acls, sight)) {
    return Answer::kUnknown;
  }
  const bool is_named =
      std::ranges::any_of(*sight.acls, [&](const AclEntry& entry) { return Names(entry, right); });
  if (!is_named && sight.may_allow_unnamed) return Answer::kUnknown;
  return AskEntries(*sight.acls, sight.principal, right);
}

std::string Listed(const std::vector<Right>& rights) {
  std::string text;
  for (const Right& right : rights) text += (text.empty() ? "" : ", ") + ToText(right);
  return text;
}

std::string WhyUnknown(const RightsSight& sight) {
  if (!sight.acls) return "this client sees no ACLs (that takes Describe on the cluster)";
  if (sight.principal.empty()) return "how the brokers name this client is not known";
  return "the ACLs do not explain what " + sight.principal + " may do, as with a super user" +
         (sight.may_allow_unnamed ? ", or where allow.everyone.if.no.acl.found is set" : "");
}

}  // namespace

std::string ToText(const Right& right) {
  return std::string(ToText(right.operation)) + " on " + std::string(ToText(right.resource)) + " " +
         right.name;
}

void JudgeRights(const std::vector<NeededRight>& needed, const RightsSight& sight, Report& report) {
  if (sight.authorizer == RightsSight::Authorizer::kNone) return;
  if (sight.authorizer == RightsSight::Authorizer::kUnknown) {
    return report.Add(Check::kAcl, Verdict::kUnasked,
                      "no broker says whether it checks rights: compare its "
                      "authorizer.class.name, and kafka-acls --list");
  }
  const std::string who = sight.principal.empty() ? "this client" : sight.principal;
  std::vector<Right> granted;
  std::vector<Right> refused;
  std::vector<Right> unknown;
  for (const NeededRight& need : needed) {
    const Answer answer = Ask(need.right, sight);
    if (answer == Answer::kGranted) granted.push_back(need.right);
    if (answer == Answer::kUnknown) unknown.push_back(need.right);
    if (answer == Answer::kRefused && need.otherwise.empty()) refused.push_back(need.right);
    if (answer == Answer::kRefused && !need.otherwise.empty()) {
      report.Add(Check::kAcl, Verdict::kWarning,
                 who + " lacks " + ToText(need.right) + ", without which " + need.otherwise +
                     ": allow it with kafka-acls");
    }
  }
  if (!refused.empty()) {
    report.Add(Check::kAcl, Verdict::kWrong,
               who + " lacks " + Listed(refused) + ": allow it with kafka-acls");
  }
  if (!unknown.empty()) {
    report.Add(Check::kAcl, Verdict::kUnasked,
               Listed(unknown) + " could not be asked for, since " + WhyUnknown(sight) +
                   ": compare with kafka-acls --list");
  }
  if (!granted.empty()) report.Add(Check::kAcl, Verdict::kOk, who + " has " + Listed(granted));
}

}  // namespace common::preflight
