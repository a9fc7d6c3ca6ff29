#include "ops/ctl/dead/dead_commands.h"

#include "ops/ctl/dead/dead_filter.h"

namespace ctl {
namespace {

std::vector<OptionSpec> RedriveOptions() {
  std::vector<OptionSpec> options = DeadFilterOptions();
  options.insert(options.end(), {{"--all", "", "every letter, where no other option says which"},
                                 {"--again", "",
                                  "what was redriven before as well: after the provider's dedup"
                                  " window it is published once more"},
                                 {"--dry-run", "", "only say which"},
                                 {"--rate", "N", "letters per second at most, default no limit"}});
  return options;
}

}  // namespace

std::vector<Command> DeadCommands() {
  return {
      {"dead list", "the dead letters there are, without their bodies", DeadFilterOptions(),
       ListDead},
      {"dead show",
       "one dead letter, its headers and its body",
       {},
       ShowDead,
       {"PARTITION:OFFSET"}},
      {"dead redrive",
       "puts dead letters back on callbacks, to be fetched again, each of them once: what was\n"
       "redriven before, as `callbacks` and `callbacks.dead` show, is skipped. The same command\n"
       "takes up one that was interrupted",
       RedriveOptions(), RedriveDead}};
}

}  // namespace ctl
