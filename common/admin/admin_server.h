#pragma once

#include <prometheus/collectable.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/http/message.h"
#include "common/http/server.h"

namespace common::admin {

/// What is missing until the instance can take traffic, in words from a closed set ("kafka",
/// "spool"); nothing: ready.
///
/// Threads: called on the admin server's thread; must not block.
using Readiness = std::function<std::vector<std::string>()>;

/// An answer of one's own on the admin port. GET answers HEAD as well.
///
/// Threads: as Readiness.
struct Route {
  std::string method;
  std::string path;  ///< Exact.
  std::function<http::Answer(const http::RequestHead& head, std::string_view body)> answer;
};

struct AdminOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one, see AdminServer::port().
  std::size_t max_body = std::size_t{64} * 1024;
};

/// The admin port: /livez, /readyz, /metrics and what the routes add.
///
/// Threads: one of its own.
class AdminServer {
 public:
  /// Without `metrics`, /metrics is not there.
  /// Errors: kStop if the address cannot be bound.
  static Result<std::unique_ptr<AdminServer>> Start(
      const AdminOptions& options, std::shared_ptr<const prometheus::Collectable> metrics,
      Readiness readiness, std::vector<Route> routes = {});

  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;

 private:
  class Endpoints;
  AdminServer(std::unique_ptr<Endpoints> endpoints, std::unique_ptr<http::Server> server);

  std::unique_ptr<Endpoints> endpoints_;
  // Last: its thread uses the endpoints.
  std::unique_ptr<http::Server> server_;
};

}  // namespace common::admin
