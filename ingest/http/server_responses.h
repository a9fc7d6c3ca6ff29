#pragma once

#include <span>

#include "common/domain/provider_rules.h"
#include "common/http/server.h"
#include "ingest/acceptance/pending_responses.h"

namespace ingest {

class RequestTraces;

/// Answers requests that wait in the HTTP server.
///
/// Threads:  any.
/// Lifetime: refers to the table and the server.
class ServerResponses final : public PendingResponses {
 public:
  /// `traces`: none if requests are not traced.
  ServerResponses(const common::ProviderTable& providers, common::http::Server& server,
                  RequestTraces* traces = nullptr)
      : providers_(providers), server_(server), traces_(traces) {}

  void Answer(std::span<const DecidedRequest> decided) override;

 private:
  const common::ProviderTable& providers_;
  common::http::Server& server_;
  RequestTraces* traces_;
};

}  // namespace ingest
