#include "ops/simulator/request_stats.h"

#include <algorithm>

#include "common/json/object_writer.h"

namespace simulator {

using common::json::ObjectWriter;

void RequestStats::Began() {
  state_.With([](State& state) {
    state.max_concurrency = std::max(state.max_concurrency, ++state.in_progress);
  });
}

void RequestStats::Ended(Resource resource, int status) {
  state_.With([&](State& state) {
    --state.in_progress;
    ++state.answers[{resource, status}];
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
        .Finish();
  });
}

}  // namespace simulator
