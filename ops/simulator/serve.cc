#include "ops/simulator/serve.h"

#include <string>
#include <utility>

#include "common/config/units.h"
#include "common/runtime/shutdown.h"
#include "ops/simulator/arguments.h"

namespace simulator {

std::string_view ServeHelp() {
  return R"(assure-sim [options]: the Assure API, until SIGINT or SIGTERM

POST /auth/open/connect/token, GET /assure/dossiers/{d}, GET /assure/dossiers/{d}/processes/{p}:
every id exists, and the documents depend on the ids only. The bearer token is checked.
After DELETE /assure/dossiers/{d} that dossier and its processes are gone, until the program ends.

  --listen ADDRESS:PORT        of the API, default 127.0.0.1:9180; port 0: any free one, see the log
  --admin ADDRESS:PORT         PUT and GET /behaviour, GET and DELETE /stats (DELETE
                               resets the counts); default 127.0.0.1:9181
  --token-lifetime DURATION    default 600s
  --client ID:SECRET           the one client that gets a token; default: any
  --threads N                  default 1
  --seed N                     for random errors and missing ids, default 1
)";
}

common::Result<AssureServerOptions> ParseServeOptions(
    const std::vector<std::string_view>& arguments) {
  AssureServerOptions parsed;
  parsed.listen.port = 9180;
  parsed.admin.port = 9181;
  std::vector<std::pair<std::string, std::string>> behaviour;
  const auto address = [](common::config::Address& target) {
    return [&target](std::string_view value) {
      const auto read = common::config::ParseAddress(value);
      if (read) target = *read;
      return read.has_value();
    };
  };
  std::vector<Option> options{{"listen", "ADDRESS:PORT", address(parsed.listen)},
                              {"admin", "ADDRESS:PORT", address(parsed.admin)},
                              {"threads", "a number of at least 1", SetNumber(parsed.threads, 1)},
                              {"seed", "a number", SetNumber(parsed.api.seed, std::uint64_t{0})},
                              {"token-lifetime", "a duration such as 600s",
                               [&](std::string_view value) {
                                 const auto lifetime = common::config::ParseDuration(value);
                                 if (lifetime) parsed.api.token_lifetime = *lifetime;
                                 return lifetime.has_value();
                               }},
                              {"client", "ID:SECRET", [&](std::string_view value) {
                                 const std::size_t colon = value.find(':');
                                 if (colon == std::string_view::npos) return false;
                                 parsed.api.client = {std::string(value.substr(0, colon)),
                                                      std::string(value.substr(colon + 1))};
                                 return true;
                               }}};
  for (const std::string_view name : BehaviourOptionNames()) {
    options.push_back({name, "a value", [&behaviour, name](std::string_view value) {
                         behaviour.emplace_back(name, value);
                         return true;
                       }});
  }
  if (const auto read = ParseArguments(arguments, options); !read) return read.error();
  const common::Result<Behaviour> read = BehaviourFromOptions(behaviour);
  if (!read) return read.error();
  parsed.behaviour = *read;
  return parsed;
}

int Serve(AssureServerOptions options) {
  constexpr int kStopped = 0;
  constexpr int kCannotRun = 1;
  const common::Shutdown shutdown;
  const common::Logger log("assure-sim");
  const auto server = AssureServer::Start(std::move(options), log);
  if (!server) {
    log.Error("simulator.cannot_start", {{"detail", server.error().detail}});
    return kCannotRun;
  }
  log.Info("simulator.listening",
           {{"port", (*server)->api_port()}, {"admin_port", (*server)->admin_port()}});
  shutdown.Wait();
  log.Info("simulator.stopped");
  return kStopped;
}

}  // namespace simulator
