#include "ops/ctl/dead/dead_commands.h"

#include "ops/ctl/dead/dead_filter.h"

namespace ctl {
namespace {

std::vector<OptionSpec> OptionsOfList() {
  std::vector<OptionSpec> options = DeadFilterOptions();
  options.push_back(
      {"--no-redriven", "",
       "does not look which letters were redriven since, which reads callbacks from the "
       "first of them on"});
  return options;
}

std::vector<OptionSpec> OptionsOfRedrive() {
  std::vector<OptionSpec> options = DeadFilterOptions();
  options.insert(options.end(),
                 {{"--all", "", "every letter; required if no other option selects some"},
                  {"--again", "",
                   "also letters that were redriven before: after the provider's"
                   " dedup window, their results are published again"},
                  {"--dry-run", "", "only lists the letters"},
                  {"--rate", "N", "at most N letters per second, default no limit"}});
  return options;
}

}  // namespace

std::vector<Command> DeadCommands() {
  return {{"dead list",
           "lists the dead letters without their bodies, and where they were put back since",
           OptionsOfList(), ListDead},
          {"dead show",
           "shows one dead letter with its headers and body",
           {},
           ShowDead,
           {"PARTITION:OFFSET"}},
          {"dead redrive",
           "puts dead letters back on callbacks, to be fetched again. Skips letters that were\n"
           "redriven before, as `callbacks` and `callbacks.dead` show. To resume an interrupted "
           "redrive,\n"
           "repeat the command",
           OptionsOfRedrive(), RedriveDead}};
}

}  // namespace ctl
