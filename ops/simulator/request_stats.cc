#include "ops/simulator/request_stats.h"

#include <algorithm>

#include "common/json/object_writer.h"

namespace simulator {

using common::json::ObjectWriter;

namespace {

bool IsResource(Resource resource) {
  return resource == Resource::kDossier || resource == Resource::kProcess;
}

}  // namespace

void RequestStats::Began(Resource resource, std::string_view path, TimePoint now) {
  state_.With([&](State& state) {
    state.max_concurrency = std::max(state.max_concurrency, ++state.in_progress);
    if (!IsResource(resource)) return;
    state.max_resource_concurrency =
        std::max(state.max_resource_concurrency, ++state.resources_in_progress);
    if (state.retry_after.IsBroken(path, now)) ++state.despite_retry_after;
  });
}

void RequestStats::Ended(Resource resource, int status) {
  state_.With([&](State& state) {
    --state.in_progress;
    if (IsResource(resource)) --state.resources_in_progress;
    ++state.answers[{resource, status}];
  });
}

void RequestStats::AskedToWait(std::string_view path, TimePoint heard_at, TimePoint until) {
  state_.With([&](State& state) { state.retry_after.Told(path, heard_at, until); });
}

void RequestStats::AnsweredWell(std::string_view path, TimePoint heard_at) {
  state_.With([&](State& state) { state.retry_after.AnsweredWell(path, heard_at); });
}

void RequestStats::Reset() {
  state_.With([](State& state) {
    state.answers.clear();
    state.max_concurrency = state.in_progress;
    state.max_resource_concurrency = state.resources_in_progress;
    state.despite_retry_after = 0;
  });
}

std::string RequestStats::ToJson() const {
  return state_.With([](const State& state) {
    ObjectWriter requests;
    for (const Resource resource :
         {Resource::kToken, Resource::kDossier, Resource::kProcess, Resource::kOther}) {
      ObjectWriter counts;
      for (const auto& [answer, count] : state.answers) {
        if (answer.first != resource) continue;
        counts.Number(std::to_string(answer.second), static_cast<std::int64_t>(count));
      }
      requests.Raw(ToText(resource), counts.Finish());
    }
    return ObjectWriter()
        .Raw("requests", requests.Finish())
        .Number("in_progress", state.in_progress)
        .Number("max_concurrency", state.max_concurrency)
        .Number("max_resource_concurrency", state.max_resource_concurrency)
        .Number("despite_retry_after", state.despite_retry_after)
        .Finish();
  });
}

}  // namespace simulator
