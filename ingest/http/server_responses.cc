#include "ingest/http/server_responses.h"

#include <vector>

#include "ingest/http/callback_endpoint.h"
#include "ingest/http/request_traces.h"

namespace ingest {

void ServerResponses::Answer(std::span<const DecidedRequest> decided) {
  if (decided.empty()) return;
  std::vector<common::http::Completion> completions;
  completions.reserve(decided.size());
  for (const auto& [request, row, situation] : decided) {
    if (traces_ != nullptr) traces_->Decided(request, situation);
    completions.push_back({.ticket = {.worker = request.worker,
                                      .connection = request.connection,
                                      .request = request.request},
                           .answer = ToAnswer(situation, providers_[row], request.id)});
  }
  server_.Complete(completions);
}

}  // namespace ingest
