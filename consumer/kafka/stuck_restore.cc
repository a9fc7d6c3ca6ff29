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

Explanation Explain(Awaiting awaiting, const std::string& seen) {
  constexpr std::string_view kAbort =
      "if no broker is about to come back, the transaction hangs: kafka-transactions.sh "
      "find-hanging "
      "--topic <open_in>, then abort what it finds";
  switch (awaiting) {
    case Awaiting::kBroker:
      break;
    case Awaiting::kOffsets:
      return {"a transaction that carries an offset of the partition does not end",
              "__consumer_offsets", kAbort};
    case Awaiting::kMarkers:
      return {"a transaction that has written to the partition does not end", seen, kAbort};
    case Awaiting::kPartitions:
      return {"the topic has another number of partitions than its committed offsets rest on", "",
              "see topic.refused"};
  }
  return {"the brokers do not answer", "", "look at the brokers of the partition and of the group"};
}

}  // namespace

void LogStuck(const common::Logger& log, const ClientSettings& settings,
              const StuckRestore& stuck) {
  using std::chrono::seconds;
  const Explanation why = Explain(stuck.awaiting, settings.topics.seen);
  log.Error("restore.stuck",
            {{"instance", settings.instance},
             {"group", settings.group},
             {"partition", stuck.partition},
             {"for_s", std::chrono::duration_cast<seconds>(stuck.for_how_long).count()},
             {"why", why.cause},
             {"open_in", why.topic},
             {"open_at", stuck.at},
             {"do", why.remedy}});
}

}  // namespace consumer
