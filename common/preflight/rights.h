#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/preflight/report.h"

namespace common::preflight {

/// A right on Kafka. Read and Write include Describe.
struct Right {
  enum class Resource { kCluster, kTopic, kGroup, kTransactionalId };
  enum class Operation { kRead, kWrite, kDescribe };

  Resource resource = Resource::kTopic;
  std::string name;
  Operation operation = Operation::kRead;

  friend auto operator<=>(const Right&, const Right&) = default;
};

/// A right that a program needs.
struct NeededRight {
  Right right;
  std::string otherwise = {};  ///< The part that fails without it; empty: everything.
};

/// "Write on topic processes".
[[nodiscard]] std::string ToText(const Right& right);

/// One access control list entry.
struct AclEntry {
  Right::Resource resource = Right::Resource::kTopic;
  bool is_prefix = false;
  std::string name;  ///< "*" unless is_prefix: every resource.
  std::string principal;
  std::set<Right::Operation> operations;  ///< With the operations that they imply.
  bool is_denial = false;
  bool is_for_every_host = true;
};

/// This client's rights, as far as a look at the cluster has shown them.
struct RightsSight {
  enum class Authorizer {
    kUnknown,
    kNone,     ///< Everybody may do everything.
    kPresent,  ///< On one broker at least.
  };
  Authorizer authorizer = Authorizer::kUnknown;
  /// A broker may allow everybody what no entry names: allow.everyone.if.no.acl.found.
  bool may_allow_unnamed = false;

  /// As the brokers answered requests.
  std::set<Right> shown;
  std::set<Right> denied;
  /// By the brokers' own word on each resource. librdkafka can ask from 2.3 on.
  std::map<std::pair<Right::Resource, std::string>, std::set<Right::Operation>> allowed;
  /// Empty if this client may not list them, or there are none.
  std::optional<std::vector<AclEntry>> acls;
  std::string principal;  ///< Of this client as brokers name it by default; empty: unknown.
};

/// Compares the rights with those that a program needs. No finding if nothing checks rights.
///
/// An answer of a broker decides; then what it says is allowed; then the list, for as far as it
/// explains what this client has been seen to do: super users, and resources without entries where
/// brokers set allow.everyone.if.no.acl.found, have rights that no entry grants. The rest is
/// unasked.
void JudgeRights(const std::vector<NeededRight>& needed, const RightsSight& sight, Report& report);

}  // namespace common::preflight
