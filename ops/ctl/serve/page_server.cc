#include "ops/ctl/serve/page_server.h"

#include <chrono>
#include <cstddef>
#include <utility>

#include "ops/ctl/serve/same_origin.h"

namespace ctl {
namespace {

using common::Result;
using common::config::Address;
namespace http = common::http;

/// Each opens connections to Kafka and may read much.
constexpr std::size_t kMostAnswers = 4;
constexpr std::chrono::seconds kLongestAnswer{60};

http::ServerOptions ServerOptionsFor(const Address& listen) {
  http::ServerOptions options;
  options.host = listen.host;
  options.port = listen.port;
  options.max_body = std::size_t{64} * 1024;
  options.max_connections = 64;
  options.leaves_at_end_of_input = true;
  options.answer_deadline = kLongestAnswer + std::chrono::seconds(10);
  return options;
}

}  // namespace

Result<std::unique_ptr<PageServer>> PageServer::Open(const Address& listen,
                                                     std::vector<ApiRoute> routes) {
  Result<std::unique_ptr<http::Server>> server = http::Server::Open(ServerOptionsFor(listen));
  if (!server) return server.error();
  Result<Session> session = Session::Begin(server.value()->port());
  if (!session) return session.error();
  return std::unique_ptr<PageServer>(
      new PageServer(listen, *std::move(server), *std::move(session), std::move(routes)));
}

PageServer::PageServer(Address listen, std::unique_ptr<http::Server> server, Session session,
                       std::vector<ApiRoute> routes)
    : listen_(std::move(listen)),
      server_(std::move(server)),
      session_(std::move(session)),
      jobs_(kMostAnswers, kLongestAnswer),
      site_(SameOrigin(listen_.host), session_, std::move(routes), jobs_,
            [this](const http::Ticket& ticket, http::Answer answer) {
              server_->Complete(ticket, std::move(answer));
            }) {
  listen_.port = server_->port();
}

PageServer::~PageServer() {
  while (!End(common::Deadline::After(std::chrono::hours(1)))) {
  }
}

std::string PageServer::Url() const {
  Address reachable = listen_;
  if (reachable.host == "0.0.0.0") reachable.host = "127.0.0.1";
  if (reachable.host == "::") reachable.host = "::1";
  return "http://" + ToText(reachable) + "/?token=" + session_.token();
}

bool PageServer::End(common::Deadline deadline) {
  server_->Stop();
  return jobs_.End(deadline);
}

}  // namespace ctl
