#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "common/base/result.h"
#include "common/config/address.h"
#include "common/http/server.h"
#include "common/telemetry/log.h"
#include "ops/simulator/admin_service.h"
#include "ops/simulator/api_service.h"
#include "ops/simulator/assure_api.h"
#include "ops/simulator/port_hold.h"
#include "ops/simulator/request_stats.h"
#include "ops/simulator/timer_thread.h"

namespace simulator {

struct AssureServerOptions {
  common::config::Address listen{"127.0.0.1", 0};
  common::config::Address admin{"127.0.0.1", 0};
  int threads = 1;
  AssureApiOptions api{};
  Behaviour behaviour{};
};

/// The simulated Assure API on its port, and its admin port.
///
/// Threads: a timer thread sends delayed answers and changes the behaviour. It alone uses the
///          listeners, so no listener disappears while it answers.
class AssureServer {
 public:
  /// Errors: kStop if an address cannot be bound.
  static common::Result<std::unique_ptr<AssureServer>> Start(AssureServerOptions options,
                                                             const common::Logger& log);
  ~AssureServer();
  AssureServer(const AssureServer&) = delete;
  AssureServer& operator=(const AssureServer&) = delete;

  /// The API's port, also while the API is down. Constant after Start().
  [[nodiscard]] std::uint16_t api_port() const { return options_.listen.port; }
  [[nodiscard]] std::uint16_t admin_port() const { return options_.admin.port; }

 private:
  AssureServer(AssureServerOptions options, const common::Logger& log);

  /// Runs the task on the timer thread and waits for its result.
  common::Result<void> OnTimerThread(const std::function<common::Result<void>()>& task);
  common::Result<void> Open();
  common::Result<void> OpenApi();
  common::Result<void> Apply(const Behaviour& behaviour);
  void AnswerLater(std::uint64_t listener, std::chrono::milliseconds latency,
                   const common::http::Ticket& ticket, common::http::Answer answer,
                   Resource resource);

  AssureServerOptions options_;
  const common::Logger& log_;
  AssureApi api_;
  RequestStats stats_;
  AdminService admin_service_;
  std::unique_ptr<common::http::Server> admin_;
  /// The number of the current listener. Each time the API comes up, it has a new one; a ticket is
  /// valid for one listener only.
  std::uint64_t api_listener_ = 0;
  std::unique_ptr<ApiService> api_service_;
  std::unique_ptr<common::http::Server> api_server_;
  std::optional<PortHold> held_;  ///< While the API is down.
  TimerThread timers_;  // Last: its destructor joins the thread that uses the members above.
};

}  // namespace simulator
