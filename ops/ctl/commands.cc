#include "ops/ctl/commands.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "ops/ctl/audit/audit.h"
#include "ops/ctl/dead/dead_commands.h"
#include "ops/ctl/erase/erase.h"
#include "ops/ctl/expect/expect.h"
#include "ops/ctl/providers/providers.h"
#include "ops/ctl/raise/raise.h"
#include "ops/ctl/send/send.h"
#include "ops/ctl/serve/serve.h"
#include "ops/ctl/spool/spool.h"
#include "ops/ctl/status/status.h"
#include "ops/ctl/topics/topics.h"
#include "ops/ctl/trace/trace.h"
#include "ops/ctl/transactions/transactions.h"

namespace ctl {
namespace {

std::vector<Command> OfAllRooms() {
  std::vector<Command> all;
  for (const auto commands_of :
       {TopicCommands, RaiseCommands, SendCommands, ProviderCommands, StatusCommands, TraceCommands,
        DeadCommands, AuditCommands, EraseCommands, ExpectCommands, TransactionCommands,
        SpoolCommands, ServeCommands}) {
    std::ranges::move(commands_of(), std::back_inserter(all));
  }
  return all;
}

}  // namespace

std::span<const Command> Commands() {
  static const std::vector<Command> commands = OfAllRooms();
  return commands;
}

}  // namespace ctl
