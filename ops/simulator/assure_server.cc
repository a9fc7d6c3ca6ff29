#include "ops/simulator/assure_server.h"

#include <future>
#include <string>
#include <utility>

namespace simulator {
namespace {

using common::http::Answer;
using common::http::Ticket;

common::http::ServerOptions ListenerOptions(const common::config::Address& address, int threads) {
  common::http::ServerOptions options;
  options.host = address.host;
  options.port = address.port;
  options.threads = threads;
  options.answer_deadline = std::chrono::hours(1);  // The behaviour sets the latency.
  return options;
}

}  // namespace

AssureServer::AssureServer(AssureServerOptions options, const common::Logger& log)
    : options_(std::move(options)),
      log_(log),
      api_(options_.api),
      admin_service_(api_, stats_, [this](const Behaviour& behaviour, const Ticket& ticket) {
        timers_.Soon([this, behaviour, ticket] {
          if (!admin_) return;
          const common::Result<void> applied = Apply(behaviour);
          Answer answer{.status = applied ? 200 : 500,
                        .body = applied ? ToJson(behaviour) : applied.error().detail,
                        .content_type = "application/json"};
          admin_->Complete(ticket, std::move(answer));
        });
      }) {}

common::Result<std::unique_ptr<AssureServer>> AssureServer::Start(AssureServerOptions options,
                                                                  const common::Logger& log) {
  std::unique_ptr<AssureServer> server(new AssureServer(std::move(options), log));
  const common::Result<void> opened = server->OnTimerThread([&] { return server->Open(); });
  if (!opened) return opened.error();
  return server;
}

AssureServer::~AssureServer() {
  const common::Result<void> closed = OnTimerThread([this] {
    admin_.reset();
    api_server_.reset();
    return common::Result<void>();
  });
  if (!closed) log_.Warn("simulator.close_failed", {{"detail", closed.error().detail}});
}

common::Result<void> AssureServer::OnTimerThread(
    const std::function<common::Result<void>()>& task) {
  std::promise<common::Result<void>> done;
  timers_.Soon([&] { done.set_value(task()); });
  return done.get_future().get();
}

common::Result<void> AssureServer::Open() {
  if (common::Result<void> opened = OpenApi(); !opened) return opened;
  options_.listen.port = api_server_->port();
  auto admin = common::http::Server::Start(ListenerOptions(options_.admin, 1), admin_service_);
  if (!admin) return admin.error();
  admin_ = std::move(*admin);
  options_.admin.port = admin_->port();
  return Apply(options_.behaviour);
}

common::Result<void> AssureServer::OpenApi() {
  const std::uint64_t listener = ++api_listener_;
  api_service_ = std::make_unique<ApiService>(
      api_, stats_,
      [this, listener](std::chrono::milliseconds latency, const Ticket& ticket, Answer answer,
                       Resource resource) {
        AnswerLater(listener, latency, ticket, std::move(answer), resource);
      });
  auto server = common::http::Server::Start(ListenerOptions(options_.listen, options_.threads),
                                            *api_service_);
  if (!server) return server.error();
  api_server_ = std::move(*server);
  return {};
}

common::Result<void> AssureServer::Apply(const Behaviour& behaviour) {
  if (behaviour.down && api_server_) {
    api_server_.reset();
    common::Result<PortHold> held = PortHold::Reserve(options_.listen.host, options_.listen.port);
    if (!held) return held.error();
    held_ = std::move(*held);
  } else if (!behaviour.down && !api_server_) {
    if (common::Result<void> opened = OpenApi(); !opened) return opened;
    held_.reset();
  }
  api_.Set(behaviour);
  log_.Info("simulator.behaves", {{"behaviour", ToJson(behaviour)}});
  return {};
}

void AssureServer::AnswerLater(std::uint64_t listener, std::chrono::milliseconds latency,
                               const Ticket& ticket, Answer answer, Resource resource) {
  timers_.At(TimerThread::Clock::now() + latency,
             [this, listener, ticket, resource, answer = std::move(answer)]() mutable {
               stats_.Ended(resource, answer.status);
               if (listener != api_listener_ || !api_server_) return;
               api_server_->Complete(ticket, std::move(answer));
             });
}

}  // namespace simulator
