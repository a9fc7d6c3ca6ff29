// common/http/server.h and common/admin/admin_server.h in the place of those with sockets: requests
// come from the world, and answers go to it.
#include <utility>

#include "common/admin/admin_server.h"
#include "common/http/server.h"
#include "tests/simulation/ingest/clients/front_door.h"
#include "tests/simulation/ingest/world/process.h"

namespace common::http {

using simulation::intake::FrontDoor;
using simulation::intake::Process;

class Server::Impl : public FrontDoor {
 public:
  using FrontDoor::FrontDoor;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Server>> Server::Open(const ServerOptions& options) {
  auto impl = std::make_unique<Impl>(Process::Here(), options);
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::~Server() { Stop(); }

Result<void> Server::Serve(Service& service) {
  impl_->Serve(service);
  return {};
}
void Server::Stop() { impl_->Stop(); }
std::uint16_t Server::port() const { return 8080; }
void Server::Complete(const Ticket& ticket, Answer answer) {
  impl_->Complete(ticket, std::move(answer));
}
void Server::Complete(std::span<Completion> completions) {
  for (Completion& one : completions) impl_->Complete(one.ticket, std::move(one.answer));
}
void Server::BeginDrain() { impl_->BeginDrain(); }
bool Server::WaitDrained(Deadline deadline) { return impl_->WaitDrained(deadline.at()); }
ServerStats Server::stats() const { return {}; }
std::chrono::milliseconds Server::LongestTurn() const { return {}; }

}  // namespace common::http

namespace common::admin {

class AdminServer::Endpoints {};

AdminServer::AdminServer(std::unique_ptr<Endpoints> endpoints, std::unique_ptr<http::Server> server)
    : endpoints_(std::move(endpoints)), server_(std::move(server)) {}
AdminServer::~AdminServer() = default;

Result<std::unique_ptr<AdminServer>> AdminServer::Start(
    const AdminOptions& /*options*/, std::shared_ptr<const prometheus::Collectable> /*metrics*/,
    Readiness /*readiness*/, std::vector<Route> /*routes*/) {
  return std::unique_ptr<AdminServer>(new AdminServer(nullptr, nullptr));
}
std::uint16_t AdminServer::port() const { return 9100; }

}  // namespace common::admin
