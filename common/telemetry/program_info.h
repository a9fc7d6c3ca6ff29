#pragma once

#include <prometheus/registry.h>

#include <string>
#include <string_view>

namespace common {

/// The build and the configuration of an instance, as labels of gauges that are 1:
/// `sluice_build_info{version,commit}` and `sluice_config_info{hash}`.
struct ProgramInfo {
  std::string version;
  std::string commit;  ///< "unknown" if it was not built from a git checkout.
  std::string config_hash;
};

/// Tells two configurations apart: eight hex digits of the SHA-256 of the file. No more, because
/// the file may hold secrets, and a longer hash would confirm a guess.
[[nodiscard]] std::string ConfigHash(std::string_view text);

void AddProgramInfo(prometheus::Registry& registry, const ProgramInfo& info);

}  // namespace common
