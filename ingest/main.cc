#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/environment.h"
#include "common/config/program_options.h"
#include "common/kafka/client_config.h"
#include "common/preflight/report.h"
#include "common/runtime/program.h"
#include "common/runtime/standard_streams.h"
#include "common/telemetry/log.h"
#include "ingest/config.h"
#include "ingest/instance/serve.h"
#include "ingest/preflight/preflight.h"

namespace ingest {
namespace {

int Main(const std::vector<std::string_view>& arguments) {
  const auto read = [](const std::string& yaml) {
    return ReadConfig(yaml, common::config::ProcessEnvironment(),
                      common::kafka::FindPropertyMistake);
  };
  const auto ask = [](const Config& config, const common::Logger& log) {
    return common::preflight::Print(RunPreflight(config, log));
  };
  return common::RunProgram("ingest", arguments, read, FindMissing, ask, Serve);
}

}  // namespace
}  // namespace ingest

int main(int argc, char** argv) {
  common::OpenStandardStreams();
  try {
    return ingest::Main({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    common::Logger("ingest").Error("ingest.cannot_run", {{"why", error.what()}});
    return common::config::kExitCannotRun;
  }
}
