#include "ops/ctl/serve/serve.h"

#include <chrono>
#include <cstdlib>
#include <ostream>
#include <string>

#include "common/base/deadline.h"
#include "common/config/program_options.h"
#include "common/runtime/shutdown.h"
#include "ops/ctl/instances/instances.h"
#include "ops/ctl/serve/api.h"
#include "ops/ctl/serve/page_server.h"
#include "ops/ctl/serve/serve_options.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {
namespace {

using common::Result;

/// Of the jobs, after the stop.
constexpr std::chrono::seconds kLongestEnd{1};

Result<int> Serve(const Arguments& arguments, Output& output) {
  const Result<ServeOptions> options = ReadServeOptions(arguments);
  if (!options) return options.error();
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();

  const common::Shutdown shutdown;  // Before all threads: it blocks signals in them.
  const auto page =
      PageServer::Open(options->listen, ApiRoutes({.settings = *settings,
                                                   .arguments = arguments,
                                                   .grafana = options->grafana,
                                                   .allows_redrive = options->allows_redrive,
                                                   .shows_bodies = options->shows_bodies}));
  if (!page) return page.error();
  if (const auto serving = page.value()->Serve(); !serving) return serving.error();
  if (const std::string warning = WarningOf(options->listen); !warning.empty()) {
    output.err << "warning: " << warning << "\n" << std::flush;
  }
  output.out << page.value()->Url() << "\n" << std::flush;
  if (!output.out) {
    return common::Error{common::Remedy::kStop, "output", "cannot print the address of the page"};
  }
  shutdown.Wait();
  // A call into Kafka may take longer than an operator wants to wait who stops the program.
  if (!page.value()->End(common::Deadline::After(kLongestEnd))) {
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
