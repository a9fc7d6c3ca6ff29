#include "ops/ctl/commands.h"

#include <vector>

namespace ctl {

std::span<const Command> Commands() {
  static const std::vector<Command> commands = {
      {"topics create",
       "makes the topics that do not exist yet and says how the others differ",
       {{"--partitions", "N", "of callbacks, callbacks.seen and processes, default 12"},
        {"--replication", "N", "copies, default 3 or as many as there are brokers"}},
       CreateTopics},
      {"topics check", "says how the topics differ from what Sluice needs", {}, CheckTopics},
      {"send",
       "sends test callbacks to ingest; status 0 only if each was answered 200",
       {{"--target", "URL", "of ingest: http://127.0.0.1:8080, or with its path prefix"},
        {"--provider", "NAME", "as in the route"},
        {"--authorization", "VALUE", "the Authorization header as it is sent"},
        {"--authorization-file", "FILE", "the same from a file"},
        {"--dossier", "ID", "dossierId, default a new UUID for each"},
        {"--process", "ID", "processId, default a new UUID for each"},
        {"--status", "TEXT", "default accepted"},
        {"--count", "N", "callbacks, default 1"}},
       SendCallbacks},
      {"providers", "the rows in force: built in, or as --config changes them", {}, ListProviders},
  };
  return commands;
}

}  // namespace ctl
