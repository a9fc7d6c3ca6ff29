#pragma once

#include <prometheus/collectable.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/http/message.h"
#include "common/http/server.h"

namespace common::admin {

/// Whether the instance can accept traffic, and which dependencies are missing, by names from a
/// closed set ("kafka", "spool"). An instance may be ready although some are missing.
struct ReadinessNow {
  bool is_ready = false;
  std::vector<std::string> missing;

  ReadinessNow(bool is_ready_now, std::vector<std::string> what)
      : is_ready(is_ready_now), missing(std::move(what)) {}
  /// Ready if nothing is missing.
  // NOLINTNEXTLINE(google-explicit-constructor): most callers return just the missing names.
  ReadinessNow(std::vector<std::string> what) : is_ready(what.empty()), missing(std::move(what)) {}
};

/// Threads: the admin server's thread calls it; it must not block.
using Readiness = std::function<ReadinessNow()>;

/// An additional route on the admin port, or one in place of /livez, /readyz or /metrics. GET also
/// answers HEAD.
///
/// Threads: as Readiness.
struct Route {
  std::string method;
  std::string path;  ///< Exact.
  std::function<http::Answer(const http::RequestHead& head, std::string_view body)> answer;
};

struct AdminOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free port, see AdminServer::port().
  std::size_t max_body = std::size_t{64} * 1024;
  /// The gauge on /metrics that is 1 while /readyz would answer 200; empty: none.
  std::string ready_metric{};
};

/// The admin port: /livez, /readyz, /metrics and the additional routes.
///
/// Threads: runs its own thread.
class AdminServer {
 public:
  /// /metrics has `metrics`, the process's own (ProcessMetrics) and the gauge of readiness; without
  /// `metrics` there is none.
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
