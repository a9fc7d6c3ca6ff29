#include <curl/curl.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/runtime/shutdown.h"
#include "common/runtime/standard_streams.h"
#include "ops/simulator/abuse.h"
#include "ops/simulator/behaviour.h"
#include "ops/simulator/deliver.h"
#include "ops/simulator/serve.h"

namespace {

constexpr int kDone = 0;
constexpr int kCannotRun = 1;
constexpr int kUsage = 2;

void Print(std::FILE* file, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), file);
}

int Refuse(const std::string& detail) {
  Print(stderr, "assure-sim: " + detail + "; see assure-sim --help\n");
  return kUsage;
}

int ServeWith(const std::vector<std::string_view>& arguments) {
  auto options = simulator::ParseServeOptions(arguments);
  return options ? simulator::Serve(*std::move(options)) : Refuse(options.error().detail);
}

int DeliverWith(const std::vector<std::string_view>& arguments) {
  const auto options = simulator::ParseDeliverOptions(arguments);
  if (!options) return Refuse(options.error().detail);
  const common::Shutdown shutdown;
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return kCannotRun;
  const auto report = simulator::Deliver(*options, shutdown);
  curl_global_cleanup();
  if (!report) {
    Print(stderr, "assure-sim: " + report.error().detail + "\n");
    return kCannotRun;
  }
  Print(stdout, *report + "\n");
  return kDone;
}

int AbuseWith(const std::vector<std::string_view>& arguments) {
  const auto options = simulator::ParseAbuseOptions(arguments);
  if (!options) return Refuse(options.error().detail);
  const common::Shutdown shutdown;
  Print(stdout, simulator::Abuse(*options, shutdown) + "\n");
  return kDone;
}

/// Answers `help`, `version` and their options, wherever these stand.
std::optional<std::string> Answer(const std::vector<std::string_view>& arguments) {
  const std::string_view command = arguments.empty() ? "" : arguments.front();
  const auto has = [&](std::string_view name) {
    return std::ranges::find(arguments, name) != arguments.end();
  };
  if (command == "version" || has("--version")) return "assure-sim " SLUICE_VERSION "\n";
  if (command != "help" && !has("--help") && !has("-h")) return std::nullopt;
  if (command == "deliver") return std::string(simulator::DeliverHelp());
  if (command == "abuse") return std::string(simulator::AbuseHelp());
  return std::string(simulator::ServeHelp()) + "\n" + std::string(simulator::BehaviourHelp()) +
         "\n" + std::string(simulator::DeliverHelp()) + "\n" + std::string(simulator::AbuseHelp());
}

}  // namespace

int main(int argc, char** argv) {
  common::OpenStandardStreams();
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  if (const auto answer = Answer(arguments)) {
    Print(stdout, *answer);
    return kDone;
  }
  const std::string_view command = arguments.empty() ? "" : arguments.front();
  if (command == "deliver") return DeliverWith({arguments.begin() + 1, arguments.end()});
  if (command == "abuse") return AbuseWith({arguments.begin() + 1, arguments.end()});
  return ServeWith(arguments);
}
