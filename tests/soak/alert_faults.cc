#include "tests/soak/alert_faults.h"

#include <algorithm>
#include <stdexcept>

namespace soak {
namespace {

/// The alerts that a broker which does not answer causes, and `more`.
AlertNames KafkaAnd(AlertNames more) {
  AlertNames names{"KafkaTakesNoCallbacks",
                   "PartitionTakesNoCallbacks",
                   "KafkaAcksAreSlow",
                   "CallbacksRefused",
                   "HalfOfTheRetriesAreGone",
                   "NoResults",
                   "ResultsAreLate",
                   "RestoreIsSlow",
                   "SpoolIsOld",
                   "SpoolIsStale",
                   "ProviderIsSilent",
                   "CallbacksNobodyReads",
                   "ConsumerKnowsNothing",
                   "AnnouncementsUnread",
                   "RecordsSetAside"};
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

}  // namespace

// clang-format off
const std::vector<AlertFault>& AlertFaults() {
  static const std::vector<AlertFault> kFaults{
      {"missing", "a process that the API does not know",
       {"CallbackWaitsForLong"}},
      {"lost", "an announced process whose callback never comes",
       {"CallbacksLost"}},
      {"clocks", "a callback with a receipt time in an hour",
       {"ClocksDiffer"}},
      {"malformed", "a callback that is not JSON",
       {"DeadLetters"}},
      {"secrets", "the secrets of onfido and paper change on one side",
       {"Unauthorized", "OneShotProviderNotAnswered200"}},
      {"stale", "events that were signed an hour ago",
       {"SignaturesAreStale"}},
      {"spool", "the spool's file is replaced by another file",
       {"SpoolIsClosed", "SpoolFileLost"}, {"SpoolTakesNothing"}},
      {"ingest", "ingest is killed",
       {"IngestDown", "NoIngestLeft"}, {"CallbacksRefused"}},
      // ingest restarts with it, and again without it.
      {"disk", "a spool that its disk cannot hold",
       {"SpoolDiskIsShort"}, {"IngestDown", "NoIngestLeft", "CallbacksRefused"}},
      {"api", "the Assure API is down, and an announced process is due",
       {"BreakerOpen", "NoResults", "LagGrows", "LooksOverdue"}},
      {"backlog", "the API is back, with a backlog",
       {"ResultsAreLate"}},
      {"consumer", "consumer is killed",
       {"ConsumerDown", "NoConsumerLeft", "CallbacksNobodyReads"}, {"ConsumerKnowsNothing"}},
      {"hanging", "transactions that hang on callbacks, callbacks.seen, callbacks.expected",
       {"RestoreIsSlow", "RestoreIsStuck", "TransactionForgotten", "AnnouncementsUnread"},
       {"LagGrows", "ResultsAreLate", "ConsumerKnowsNothing"}},
      {"slow", "the broker freezes for 3.2 s, repeatedly",
       {"KafkaAcksAreSlow"}, {"KafkaTakesNoCallbacks", "CallbacksRefused"}},
      {"outage", "the broker is killed, and the spool fills",
       {"KafkaTakesNoCallbacks", "CallbacksRefused", "HalfOfTheRetriesAreGone", "SpoolFilling",
        "SpoolTakesNothing", "OneShotProviderNotAnswered200", "CommitsFail", "ConsumerKnowsNothing"},
       KafkaAnd({})},
      // It takes a restart to mend.
      {"spooled", "a record that is larger than message.max.bytes",
       {"SpoolHasRefused"}, {"IngestDown", "NoIngestLeft", "CallbacksRefused"}},
      // A log that is read again has the callback of `clocks` again.
      {"lossy", "the broker is killed and loses its last records, three times",
       {"ProducerRebuilt"},
       KafkaAnd({"CommitsFail", "OneShotProviderNotAnswered200", "LogWentBack", "ClocksDiffer"})},
      {"silence", "Connect sends nothing",
       {"ProviderIsSilent"}},
      {"logs", "the broker loses the beginnings and ends of unread logs",
       {"LogWentBack", "CallbacksExpiredUnread"},
       KafkaAnd({"ConsumerDown", "NoConsumerLeft", "LagGrows", "ProducerRebuilt",
                 "OneShotProviderNotAnswered200", "CommitsFail", "ClocksDiffer"})},
      {"anew", "callbacks is deleted and recreated while it is read",
       {"LogWentBack"},
       KafkaAnd({"PartitionsUnread", "WatchdogActs", "CommitsFail", "ProducerRebuilt",
                 "OneShotProviderNotAnswered200"})},
  };
  return kFaults;
}
// clang-format on

bool AlertFault::Concerns(const std::string& alert) const {
  return std::ranges::count(must, alert) + std::ranges::count(along, alert) > 0;
}

const AlertFault& AlertFaultOf(const std::string& id) {
  const auto found = std::ranges::find(AlertFaults(), id, &AlertFault::id);
  if (found == AlertFaults().end()) throw std::logic_error("there is no fault " + id);
  return *found;
}

std::string WhyNotRaised(const std::string& alert, int scale) {
  if (alert == "RecordsSetAside") {
    return "takes a broker with ACLs, or a second node: tests/broker/consumer/lane";
  }
  if (alert == "PartitionTakesNoCallbacks" || alert == "SpoolIsOld") {
    return "takes a second node, whose partition has no leader: ops/soak outage --dead-partition";
  }
  if (alert == "SpoolIsStale") {
    return "takes an hour of what raises KafkaTakesNoCallbacks or SpoolIsOld";
  }
  if (alert.find("BudgetBurns") != std::string::npos) {
    return "judges hours and days of refused and late callbacks: sluice.slo.test.yml";
  }
  if (alert == "PartitionsUnread") {
    return "takes a group that assigns a partition to nobody: tests/unit/consumer/lane";
  }
  if (alert == "WatchdogActs") {
    return "takes a client that does not read what is there: tests/unit/consumer/lane";
  }
  if (alert == "ProviderHoldsItsCallbacks") return "only a defect of ingest raises it";
  if (alert == "ProviderIsSilent" && scale == 1) return "takes a day";
  return {};
}

}  // namespace soak
