#include "ingest/http/server_responses.h"

#include "ingest/http/callback_endpoint.h"

namespace ingest {

void ServerResponses::Attach(common::http::Server& server) {
  server_ = &server;
  server_.notify_all();
}

void ServerResponses::Answer(const WaitingRequest& request, common::ProviderTable::Index row,
                             Situation situation) {
  server_.wait(nullptr);
  server_.load()->Complete(
      {.worker = request.worker, .connection = request.connection, .request = request.request},
      ToAnswer(situation, providers_[row]));
}

}  // namespace ingest
