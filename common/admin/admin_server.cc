#include "common/admin/admin_server.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "common/admin/liveness.h"
#include "common/http/service.h"
#include "common/telemetry/process_metrics.h"

namespace common::admin {
namespace {

// {"ready":false,"missing":["kafka","spool"]}; the names need no escaping, see ReadinessNow.
http::Answer Readyz(const Readiness& readiness) {
  const ReadinessNow now = readiness();
  std::string list;
  for (const std::string& word : now.missing) {
    list.append(list.empty() ? "\"" : ",\"").append(word).append("\"");
  }
  return {.status = now.is_ready ? 200 : 503,
          .body = std::string(R"({"ready":)") + (now.is_ready ? "true" : "false") +
                  R"(,"missing":[)" + list + "]}\n",
          .content_type = "application/json"};
}

/// Everything that /metrics has.
class Exposition {
 public:
  Exposition(std::shared_ptr<const prometheus::Collectable> metrics, std::string ready_metric,
             Readiness readiness)
      : metrics_(std::move(metrics)),
        ready_metric_(std::move(ready_metric)),
        readiness_(std::move(readiness)) {}

  [[nodiscard]] http::Answer Answer() const {
    std::vector<prometheus::MetricFamily> families = metrics_->Collect();
    std::ranges::move(process_.Collect(), std::back_inserter(families));
    if (!ready_metric_.empty()) families.push_back(Ready());
    return {.body = prometheus::TextSerializer().Serialize(families),
            .content_type = "text/plain; version=0.0.4"};
  }

 private:
  [[nodiscard]] prometheus::MetricFamily Ready() const {
    prometheus::ClientMetric metric;
    metric.gauge.value = readiness_().is_ready ? 1 : 0;
    return {ready_metric_, "1 while /readyz answers 200", prometheus::MetricType::Gauge, {metric}};
  }

  std::shared_ptr<const prometheus::Collectable> metrics_;
  std::string ready_metric_;
  Readiness readiness_;
  ProcessMetrics process_;
};

/// Adds a route unless the owner has given one of that method and path.
void AddUnlessGiven(std::vector<Route>& routes, Route route) {
  const auto is_same = [&](const Route& given) {
    return given.method == route.method && given.path == route.path;
  };
  if (std::ranges::none_of(routes, is_same)) routes.push_back(std::move(route));
}

http::Answer Plain(int status, std::string body) {
  return {.status = status, .body = std::move(body)};
}

}  // namespace

class AdminServer::Endpoints final : public http::Service {
 public:
  explicit Endpoints(std::vector<Route> routes) : routes_(std::move(routes)) {}

  http::Admission Admit(const http::RequestHead& head) override {
    std::string allowed;
    for (std::size_t i = 0; i < routes_.size(); ++i) {
      const Route& route = routes_[i];
      if (route.path != head.path) continue;
      if (Matches(route, head.method)) return {.refusal = {}, .tag = static_cast<std::uint32_t>(i)};
      allowed.append(allowed.empty() ? "" : ", ").append(route.method);
      if (route.method == "GET") allowed.append(", HEAD");
    }
    if (allowed.empty()) return {.refusal = Plain(404, "not found\n"), .tag = 0};
    http::Answer refusal = Plain(405, "method not allowed\n");
    refusal.fields.emplace_back("Allow", std::move(allowed));
    return {.refusal = std::move(refusal), .tag = 0};
  }

  std::optional<http::Answer> Handle(const http::RequestHead& head, std::string_view body,
                                     std::uint32_t tag, const http::Ticket& /*ticket*/) override {
    return routes_[tag].answer(head, body);
  }

  http::Answer AnswerFault(http::HttpFault fault, std::optional<std::uint32_t> /*tag*/) override {
    return {.status = http::DefaultStatus(fault)};
  }

 private:
  static bool Matches(const Route& route, std::string_view method) {
    return route.method == method || (route.method == "GET" && method == "HEAD");
  }

  std::vector<Route> routes_;
};

Result<std::unique_ptr<AdminServer>> AdminServer::Start(
    const AdminOptions& options, std::shared_ptr<const prometheus::Collectable> metrics,
    Readiness readiness, std::vector<Route> routes) {
  using http::RequestHead;
  AddUnlessGiven(routes, {"GET", "/livez",
                          [](const RequestHead&, std::string_view) { return LivenessAnswer({}); }});
  AddUnlessGiven(routes, {"GET", "/readyz", [readiness](const RequestHead&, std::string_view) {
                            return Readyz(readiness);
                          }});
  if (metrics) {
    AddUnlessGiven(
        routes,
        {"GET", "/metrics",
         [exposition = Exposition(std::move(metrics), options.ready_metric, std::move(readiness))](
             const RequestHead&, std::string_view) { return exposition.Answer(); }});
  }
  auto endpoints = std::make_unique<Endpoints>(std::move(routes));
  http::ServerOptions server_options;
  server_options.host = options.host;
  server_options.port = options.port;
  server_options.max_body = options.max_body;
  server_options.max_connections = 256;
  auto server = http::Server::Start(server_options, *endpoints);
  if (!server) return server.error();
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(endpoints), *std::move(server)));
}

AdminServer::AdminServer(std::unique_ptr<Endpoints> endpoints, std::unique_ptr<http::Server> server)
    : endpoints_(std::move(endpoints)), server_(std::move(server)) {}
AdminServer::~AdminServer() = default;

std::uint16_t AdminServer::port() const { return server_->port(); }

}  // namespace common::admin
