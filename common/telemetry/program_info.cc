#include "common/telemetry/program_info.h"

#include <prometheus/gauge.h>

#include "common/base/sha256.h"

namespace common {

std::string ConfigHash(std::string_view text) {
  constexpr std::size_t kDigits = 8;
  return Sha256Hex(text).substr(0, kDigits);
}

void AddProgramInfo(prometheus::Registry& registry, const ProgramInfo& info) {
  prometheus::BuildGauge()
      .Name("sluice_build_info")
      .Help("1; the labels say what was built")
      .Register(registry)
      .Add({{"version", info.version}, {"commit", info.commit}})
      .Set(1);
  prometheus::BuildGauge()
      .Name("sluice_config_info")
      .Help("1; instances with the same hash run the same configuration file")
      .Register(registry)
      .Add({{"hash", info.config_hash}})
      .Set(1);
}

}  // namespace common
