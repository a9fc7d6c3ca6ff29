#pragma once

#include <string>
#include <vector>

#include "ops/ctl/serve/api_route.h"
#include "ops/ctl/shell/arguments.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

struct ApiOptions {
  ClusterSettings settings;
  Arguments arguments;  ///< They name the instances.
  std::string grafana;  ///< Its URL; empty: unknown.
  bool allows_redrive = false;
  bool shows_bodies = false;
};

/// The requests of the page:
///
///   GET  /api/page                          what it may do, and the words of its filters
///   GET  /api/trace?id=|dossier=            {"reports":[…],"notes":[…]}, each as `trace --json`
///   GET  /api/status                        as `status --json`
///   GET  /api/dead?reason=&provider=&…      {"letters":[…],"matching":N}, as `dead list --json`
///   GET  /api/letter?place=P:O              as `dead show --json`; the body only if allowed
///   GET  /api/providers                     as `providers --json`, and the time left
///   POST /api/redrive                       as `dead redrive --json`; needs a dry run of the same
///                                           letters before
///
/// Every call opens its own connections to Kafka.
[[nodiscard]] std::vector<ApiRoute> ApiRoutes(ApiOptions options);

}  // namespace ctl
