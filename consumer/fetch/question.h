#pragma once

#include <string_view>

#include "common/json/api_answer.h"
#include "consumer/fetch/attempt_result.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/fetch/fetch_settings.h"

namespace consumer {

/// The process or dossier that a request asked for. An answer either belongs to it or is foreign: a
/// surplus answer on a kept-alive connection, a cache, or a proxy can deliver another person's
/// document.
///
///   process answer := "processId" is ours, "dossierId" is ours or absent
///   dossier answer := "dossierId" is ours, "processId" is ours or absent
///   error          := neither id, nor the path in "instance", names another process or dossier
///
/// Compares normalised ids. A null id counts as absent. An id that is not a string, or that occurs
/// twice with different values, is never ours.
///
/// Lifetime: refers to the job.
class Question {
 public:
  Question(Resource resource, const FetchJob& job) : resource_(resource), job_(job) {}

  [[nodiscard]] Resource resource() const { return resource_; }

  [[nodiscard]] bool IsForeign(const common::json::AnswerIds& ids, IdRule rule) const;
  /// `body`: of a 4xx or 5xx. An unreadable body names nothing.
  [[nodiscard]] bool IsForeignError(std::string_view body) const;

 private:
  [[nodiscard]] bool Contradict(const common::json::AnswerIds& ids) const;
  [[nodiscard]] bool ContradictsPath(std::string_view path) const;

  Resource resource_;
  const FetchJob& job_;
};

}  // namespace consumer
