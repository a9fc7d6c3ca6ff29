#include "tests/soak/audited.h"

#include <chrono>
#include <fstream>
#include <string>

#include "common/base/rfc3339.h"
#include "tests/harness/process.h"
#include "tests/soak/instances.h"

namespace soak {
namespace {

using std::chrono::seconds;

std::string ConfigurationOf(tests::Pipeline& pipeline) {
  const std::string& one = InstanceNames().front();
  return pipeline.HasConsumer(one) ? pipeline.consumer_yaml(one) : pipeline.consumer_yaml();
}

}  // namespace

void AuditAll(Run& run) {
  run.Step("sluicectl audit --deep");
  const auto text_of = [](common::WallTime time) {
    return common::FormatRfc3339(std::chrono::floor<seconds>(time));
  };
  const auto audit =
      tests::RunProgram(tests::Binary("sluicectl"),
                        {"audit", "--deep", "--config", ConfigurationOf(run.pipeline()), "--from",
                         text_of(run.begun_at()), "--to", text_of(common::WallNow() + seconds(1))},
                        std::chrono::minutes(10));
  const std::string text = audit.output + audit.error_output;
  std::ofstream(run.directory() / "audit.txt") << text;
  Run::Tell("audit --deep: " + LastLines(text, 4));
  run.FailIf(audit.status != 0, "sluicectl audit --deep ends with status " +
                                    (audit.status ? std::to_string(*audit.status) : "none"));
}

}  // namespace soak
