#include "consumer/kafka/stuck_restore.h"

#include <chrono>
#include <string>
#include <string_view>

namespace consumer {
namespace {

struct Explanation {
  std::string_view cause;
  std::string topic;  ///< Where the transaction is open; empty: no transaction is at fault.
  std::string_view remedy;
};

constexpr std::string_view kEnd =
    "if no broker is about to come back, Kafka has forgotten to end it: "
    "sluicectl transactions shows its owner and how it was decided, "
    "sluicectl transactions end <open_in>:<partition> ends it";
constexpr std::string_view kRestart =
    "if no broker is about to come back, Kafka has forgotten to end it: "
    "this instance ends its own, once a minute; restart the other one that may have begun it; "
    "sluicectl transactions lists the open transactions";

Explanation Explain(Awaiting awaiting, const common::TopicNames& topics) {
  switch (awaiting) {
    case Awaiting::kBroker:
      break;
    case Awaiting::kOffsets:
      return {"a transaction that carries an offset of the partition does not end",
              "__consumer_offsets", kRestart};
    case Awaiting::kMarkers:
      return {"a transaction that has written to the partition does not end", topics.seen, kEnd};
    case Awaiting::kResults:
      return {"a transaction that has written results does not end", topics.processes, kEnd};
    case Awaiting::kPartitions:
      return {
          "the topic's partition count differs from the one on which its committed offsets are "
          "based",
          "", "see topic.refused"};
  }
  return {"the brokers do not answer", "", "look at the brokers of the partition and of the group"};
}

}  // namespace

void LogStuck(const common::Logger& log, const ClientSettings& settings,
              const StuckRestore& stuck) {
  using std::chrono::seconds;
  const Explanation why = Explain(stuck.awaiting, settings.topics);
  log.Error("restore.stuck",
            {{"instance", settings.instance},
             {"group", settings.group},
             {"partition", stuck.partition.number()},
             {"for_s", std::chrono::duration_cast<seconds>(stuck.for_how_long).count()},
             {"why", why.cause},
             {"open_in", why.topic},
             {"open_at", stuck.at ? stuck.at->number() : -1},
             {"do", why.remedy}});
}

void LogForgotten(const common::Logger& log, const ClientSettings& settings,
                  const ForgottenWatch::Standing& standing,
                  const std::optional<common::TransactionName>& name) {
  using std::chrono::seconds;
  log.Error("transaction.forgotten",
            {{"instance", settings.instance},
             {"open_in", standing.topic},
             {"partition", standing.partition.number()},
             {"open_at", standing.at.number()},
             {"for_s", std::chrono::duration_cast<seconds>(standing.for_how_long).count()},
             {"of", name ? name->instance : ""},
             {"transaction", name ? std::to_string(name->number) : ""},
             {"since", name ? common::FormatRfc3339(common::BegunAt(*name)) : ""},
             {"do", kEnd}});
}

}  // namespace consumer
