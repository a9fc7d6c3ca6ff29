#include "ops/ctl/commands.h"

#include <vector>

#include "ops/ctl/dead_filter.h"

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

std::vector<OptionSpec> SpoolOptions() {
  return {{"--path", "FILE", "spool.path of ingest.yaml; ingest may run or not"},
          {"--id", "ID", "request id of one of them, default all"}};
}

}  // namespace

std::span<const Command> Commands() {
  static const std::vector<Command> commands = {
      {"topics create",
       "makes the topics that do not exist yet and says how the others differ. Status 3: they do;\n"
       "1: one could not be made, or may not be looked at",
       {{"--partitions", "N", "of callbacks, callbacks.seen and processes, default 12"},
        {"--replication", "N", "copies, default 3 or as many as there are brokers"}},
       CreateTopics},
      {"topics check",
       "says how the topics differ from what Sluice needs. Status 3: they do; 1: one may not be\n"
       "looked at",
       {},
       CheckTopics},
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
      {"status",
       "whether all is well, and if not, what: who reads which partitions, what waits and for how\n"
       "long, open transactions, dead letters, the last result; and what instances say of\n"
       "themselves. Status 0: all is well; 3: it is not; 1: Kafka, or a part of it, could not be "
       "asked",
       {{"--instance", "URL,URL,…",
         "admin ports of ingest and consumer: 10.0.0.1:9100; default: that of --config, if it "
         "answers"},
        {"--watch", "", "every 2 s until it is interrupted"}},
       ShowStatus},
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
       RedriveOptions(), RedriveDead},
      {"audit",
       "proves that each callback of a time range has one result or dead letter. Status 0: it "
       "has;\n"
       "3: something is missing or there twice; 1: some could not be judged",
       {{"--from", "TIME", "of the records on callbacks, RFC 3339"},
        {"--to", "TIME", "the same, exclusive"},
        {"--redrive", "", "puts what is missing back on callbacks, to be handled once"}},
       Audit},
      {"transactions",
       "what is open on the topics, since when, whose it is, and what tells whether it was\n"
       "committed. Status 3: something stands for longer than any living instance's could",
       {},
       ListTransactions},
      {"transactions end",
       "ends what Kafka forgot to end on these partitions, the way it was decided; an instance\n"
       "that runs makes a new producer. Status 3: refused, as nothing or not all tells how",
       {{"--dry-run", "", "only say which"}},
       EndTransactions,
       {"TOPIC:PARTITION…"}},
      {"spool list", "the callbacks of a spool that Kafka refuses for what they are, and why",
       SpoolOptions(), ListSpool},
      {"spool show", "the same with their bodies", SpoolOptions(), ShowSpool},
      {"spool retry",
       "has ingest offer them to Kafka again: within a second where it runs, else at its next\n"
       "start. Kafka must take them by then, or they are refused again",
       SpoolOptions(), RetrySpool},
      {"spool export",
       "writes them with their bodies to stdout, an object of JSON a line; what is not UTF-8 in\n"
       "hex: bodyHex. They stay where they are",
       SpoolOptions(), ExportSpool},
  };
  return commands;
}

}  // namespace ctl
