#include "common/http/reactor.h"

#include <utility>

namespace common::http {
namespace {

/// Pistache clones its handler once for each thread: the clones are the handlers made beforehand.
class HandlerOfEachThread final : public Pistache::Aio::Handler {
 public:
  explicit HandlerOfEachThread(const Reactor::Handlers& handlers) : handlers_(handlers) {}

  [[nodiscard]] std::shared_ptr<Pistache::Aio::Handler> clone() const override {
    return handlers_[next_++];
  }
  void registerPoller(Pistache::Polling::Epoll& /*epoll*/) override {}
  void onReady(const Pistache::Aio::FdSet& /*events*/) override {}

 private:
  const Reactor::Handlers handlers_;
  mutable std::size_t next_ = 0;
};

template <typename F>
Result<void> Try(F&& call) {
  try {
    call();
    return {};
  } catch (const std::exception& error) {
    return Error{Remedy::kStop, "http_start_failed", error.what()};
  }
}

}  // namespace

Result<void> Reactor::Add(const Handlers& handlers) {
  return Try([&] {
    reactor_ = Pistache::Aio::Reactor::create();
    reactor_->init(Pistache::Aio::AsyncContext(handlers.size(), "http"));
    reactor_->addHandler(std::make_shared<HandlerOfEachThread>(handlers));
  });
}

Result<void> Reactor::Run() {
  return Try([&] { reactor_->run(); });
}

void Reactor::Stop() {
  if (!reactor_) return;
  reactor_->shutdown();
  reactor_.reset();  // Joins the threads.
}

}  // namespace common::http
