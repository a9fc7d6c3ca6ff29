#pragma once

#include <string>
#include <vector>

#include "ops/ctl/instances/instance_facts.h"
#include "ops/ctl/shell/command_line.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {

/// The option --instance.
[[nodiscard]] OptionSpec InstanceOption();

/// The URLs of --instance, "http://10.0.0.1:9100,10.0.0.2:9100"; by default the admin address of
/// the configuration file.
[[nodiscard]] std::vector<std::string> InstancesOf(const Arguments& arguments,
                                                   const ClusterSettings& settings);

/// Asks all instances concurrently; takes at most two seconds. The facts are in the order of
/// `urls`.
[[nodiscard]] std::vector<InstanceFacts> AskInstances(const std::vector<std::string>& urls);

/// AskInstances(InstancesOf(…)). Leaves out the configured address if it does not answer: it may be
/// local to another machine.
[[nodiscard]] std::vector<InstanceFacts> AskInstances(const Arguments& arguments,
                                                      const ClusterSettings& settings);

}  // namespace ctl
