#include <curl/curl.h>

#include <cstdio>
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

}  // namespace

int main(int argc, char** argv) {
  common::OpenStandardStreams();
  std::vector<std::string_view> arguments(argv + 1, argv + argc);
  for (const std::string_view argument : arguments) {
    if (argument == "--version") {
      Print(stdout, "assure-sim " SLUICE_VERSION "\n");
      return kDone;
    }
    if (argument == "--help" || argument == "help") {
      Print(stdout, simulator::ServeHelp());
      Print(stdout, "\n");
      Print(stdout, simulator::BehaviourHelp());
      Print(stdout, "\n");
      Print(stdout, simulator::DeliverHelp());
      Print(stdout, "\n");
      Print(stdout, simulator::AbuseHelp());
      return kDone;
    }
  }
  if (!arguments.empty() && arguments.front() == "deliver") {
    arguments.erase(arguments.begin());
    return DeliverWith(arguments);
  }
  if (!arguments.empty() && arguments.front() == "abuse") {
    arguments.erase(arguments.begin());
    return AbuseWith(arguments);
  }
  return ServeWith(arguments);
}
