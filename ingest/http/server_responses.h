#pragma once

#include <span>

#include "common/domain/provider_rules.h"
#include "common/http/server.h"
#include "ingest/acceptance/pending_responses.h"

namespace ingest {

/// Answers requests that wait in the HTTP server.
///
/// Threads:  any.
/// Lifetime: refers to the table and the server.
class ServerResponses final : public PendingResponses {
 public:
  ServerResponses(const common::ProviderTable& providers, common::http::Server& server)
      : providers_(providers), server_(server) {}

  void Answer(std::span<const DecidedRequest> decided) override;

 private:
  const common::ProviderTable& providers_;
  common::http::Server& server_;
};

}  // namespace ingest
