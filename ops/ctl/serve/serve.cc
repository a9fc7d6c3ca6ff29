#include "ops/ctl/serve/serve.h"

#include <chrono>
#include <cstdlib>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "common/base/deadline.h"
#include "common/config/address.h"
#include "common/config/program_options.h"
#include "common/http/server.h"
#include "common/runtime/shutdown.h"
#include "ops/ctl/instances/instances.h"
#include "ops/ctl/serve/api.h"
#include "ops/ctl/serve/job_runner.h"
#include "ops/ctl/serve/same_origin.h"
#include "ops/ctl/serve/serve_options.h"
#include "ops/ctl/serve/session.h"
#include "ops/ctl/serve/site.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {
namespace {

using common::Result;
using common::config::Address;
namespace http = common::http;

/// Each opens connections to Kafka and may read much.
constexpr std::size_t kMostAnswers = 4;
constexpr std::chrono::seconds kLongestAnswer{60};
/// Of the jobs, after the stop.
constexpr std::chrono::seconds kLongestEnd{1};

http::ServerOptions ServerOptionsFor(const Address& listen) {
  http::ServerOptions options;
  options.host = listen.host;
  options.port = listen.port;
  options.max_body = std::size_t{64} * 1024;
  options.max_connections = 64;
  options.answer_deadline = kLongestAnswer + std::chrono::seconds(10);
  return options;
}

/// Where a browser on this machine finds it.
std::string UrlOf(Address listen, std::uint16_t port, const std::string& token) {
  if (listen.host == "0.0.0.0") listen.host = "127.0.0.1";
  if (listen.host == "::") listen.host = "::1";
  listen.port = port;
  return "http://" + ToText(listen) + "/?token=" + token;
}

Result<int> Serve(const Arguments& arguments, Output& output) {
  const Result<ServeOptions> options = ReadServeOptions(arguments);
  if (!options) return options.error();
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();

  const common::Shutdown shutdown;  // Before all threads: it blocks signals in them.
  const auto server = http::Server::Open(ServerOptionsFor(options->listen));
  if (!server) return server.error();
  Result<Session> session = Session::Begin(server.value()->port());
  if (!session) return session.error();
  JobRunner jobs(kMostAnswers, kLongestAnswer);
  Site site(SameOrigin(options->listen.host), *session,
            ApiRoutes({.settings = *settings,
                       .arguments = arguments,
                       .grafana = options->grafana,
                       .allows_redrive = options->allows_redrive,
                       .shows_bodies = options->shows_bodies}),
            jobs, [&](const http::Ticket& ticket, http::Answer answer) {
              server.value()->Complete(ticket, std::move(answer));
            });
  if (const auto serving = server.value()->Serve(site); !serving) return serving.error();
  if (const std::string warning = WarningOf(options->listen); !warning.empty()) {
    output.err << "warning: " << warning << "\n" << std::flush;
  }
  output.out << UrlOf(options->listen, server.value()->port(), session->token()) << "\n"
             << std::flush;
  if (!output.out) {
    return common::Error{common::Remedy::kStop, "output", "cannot print the address of the page"};
  }
  shutdown.Wait();
  server.value()->Stop();
  // A call into Kafka may take longer than whoever stops the program wants to wait.
  if (!jobs.End(common::Deadline::After(kLongestEnd))) {
    std::_Exit(common::config::kExitStopped);
  }
  return common::config::kExitStopped;
}

}  // namespace

std::vector<Command> ServeCommands() {
  return {
      {"serve",
       "shows trace, status, dead letters and providers in a browser, until SIGINT or SIGTERM.\n"
       "Prints the page's address, with a token that opens it once, in one browser",
       {{"--listen", "ADDRESS:PORT", "default 127.0.0.1:0: any free port, only from here"},
        {"--allow-redrive", "", "the page may put dead letters back on callbacks"},
        {"--show-bodies", "", "the page shows the bodies of dead letters"},
        {"--grafana", "URL", "the page links to the dashboards there"},
        InstanceOption()},
       Serve}};
}

}  // namespace ctl
