#pragma once

#include <atomic>
#include <span>

#include "common/domain/provider_rules.h"
#include "common/http/server.h"
#include "ingest/acceptance/pending_responses.h"

namespace ingest {

/// The requests that wait in a server. The server is made after everything that answers through it,
/// and so is named later.
///
/// Threads:  any. An answer that comes before Attach() waits for it.
/// Lifetime: no Answer() may come once the server is destroyed.
class ServerResponses final : public PendingResponses {
 public:
  explicit ServerResponses(const common::ProviderTable& providers) : providers_(providers) {}

  void Attach(common::http::Server& server);

  void Answer(std::span<const DecidedRequest> decided) override;

 private:
  const common::ProviderTable& providers_;
  std::atomic<common::http::Server*> server_ = nullptr;
};

}  // namespace ingest
