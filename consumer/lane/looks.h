#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "common/domain/identity.h"
#include "common/domain/ids.h"
#include "common/domain/provider_rules.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/lane/records.h"

namespace consumer {

/// A request for an announced process, or its result on its way to Kafka.
struct Look {
  Partition partition{};  ///< Of the announcement; its callback may be in another.
  common::ProcessId process = {};
  common::DossierId dossier = {};
  std::string provider = {};
  common::ProviderTable::Index row = common::ProviderTable::kUnknown;
  AccountIndex account = kAssureAccount;       ///< That is asked.
  std::vector<common::Identity> markers = {};  ///< Of its result; empty: not made yet.
  bool is_lost = false;                        ///< Its callback should have come by now.
  std::vector<JobId> behind = {};              ///< Callbacks that wait for the result's commit.

  [[nodiscard]] bool is_made() const { return !markers.empty(); }
};

/// The looks of a lane, at most one at a process.
///
///   Add() ─► under way ──Made()──► result ──Forget()──► gone
///                └── Forget() ──────────────────────────┘
///
/// Threads: confined to the lane.
class Looks {
 public:
  /// Precondition: there is none at the process.
  void Add(JobId id, Look look);
  /// The result of the look was made and waits for its commit. Precondition: `markers` is not
  /// empty.
  void Made(JobId id, std::vector<common::Identity> markers, bool is_lost);
  /// Precondition: Has(id).
  Look Forget(JobId id);
  /// Returns the forgotten looks.
  std::unordered_set<JobId> Drop(const std::set<Partition>& partitions);
  void Clear();

  [[nodiscard]] bool Has(JobId id) const { return looks_.contains(id); }
  /// Precondition: Has(id).
  [[nodiscard]] const Look& At(JobId id) const { return looks_.at(id); }
  [[nodiscard]] std::optional<JobId> FindAt(const common::ProcessId& process) const;
  /// A callback waits behind the result that has this identity among its markers. Precondition:
  /// there is one.
  void WaitBehind(const common::Identity& marker, JobId callback);

  /// Without the results.
  [[nodiscard]] std::size_t under_way() const { return looks_.size() - results_; }
  [[nodiscard]] std::size_t UnderWayOf(AccountIndex account) const;
  /// Of the partition, that wait for their commit.
  [[nodiscard]] std::size_t ResultsOf(Partition partition) const;

 private:
  /// The look is under way no more.
  void HasEnded(const Look& look);
  void Count(const Look& gone);

  std::map<JobId, Look> looks_;
  std::unordered_map<common::ProcessId, JobId> by_process_;
  std::map<AccountIndex, std::size_t> under_way_of_;
  std::map<Partition, std::size_t> results_of_;
  std::size_t results_ = 0;
};

}  // namespace consumer
