#include "ops/ctl/transactions/transactions.h"

#include <algorithm>
#include <chrono>
#include <ostream>
#include <thread>

#include "common/base/deadline.h"
#include "common/json/object_writer.h"
#include "common/kafka/record_codec.h"
#include "common/kafka/unended_transaction.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/transactions/transactions_report.h"
#include "ops/ctl/transactions/transactions_survey.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Result;
using common::TransactionOutcome;
namespace kafka = common::kafka;

constexpr int kNotAsked = 1;
constexpr int kNotAsItShouldBe = 3;
/// Transactions that end before the second look are not reported.
constexpr std::chrono::milliseconds kSecondLook{2'000};
constexpr std::chrono::seconds kEndLimit{20};

std::chrono::seconds WholeSecondsSince(Deadline::Clock::time_point begin) {
  return std::chrono::floor<std::chrono::seconds>(Deadline::Clock::now() - begin);
}

// Nothing in Kafka says since when an offset is pending, so only watching it tells a transaction
// that Kafka has forgotten from one that is about to end.
Result<void> AgePending(TransactionLog& log, TransactionsSurvey& survey) {
  const auto is_undecided = [](const auto& entry) {
    return entry.second.age.count() > 0 && !IsForgotten(entry.second);
  };
  while (!HasForgotten(survey, common::WallNow()) &&
         std::ranges::any_of(survey.pending_offsets, is_undecided)) {
    const auto looked_at = Deadline::Clock::now();
    std::this_thread::sleep_for(kSecondLook);
    PendingOffsets still;
    for (const auto& [partition, pending] : survey.pending_offsets) {
      const auto offset = log.CommittedOffset(partition);
      if (!offset) return offset.error();
      if (!offset->is_stable) still[partition] = {.committed = offset->metadata};
    }
    survey.pending_offsets =
        Aged(survey.pending_offsets, std::move(still), WholeSecondsSince(looked_at));
  }
  return {};
}

Result<TransactionsSurvey> SurveyTwice(TransactionLog& log, const ClusterSettings& settings) {
  const SurveyScope scope{.has_announcements = settings.expected.has_value()};
  Result<TransactionsSurvey> survey = Survey(log, settings.topics, scope);
  if (!survey || (survey->open.empty() && survey->pending_offsets.empty())) return survey;
  const auto first_at = Deadline::Clock::now();
  std::this_thread::sleep_for(kSecondLook);
  Result<TransactionsSurvey> again = Survey(log, settings.topics, scope);
  if (!again) return again;
  again->pending_offsets =
      Aged(survey->pending_offsets, std::move(again->pending_offsets), WholeSecondsSince(first_at));
  if (const auto aged = AgePending(log, *again); !aged) return aged.error();
  return again;
}

struct Step {
  TopicPartition place;
  std::string what;  ///< "committed", "aborted", "clean", "refused"
  std::string detail;
};

/// Ends the open transactions of one partition, one after the other.
class Ender {
 public:
  Ender(const ClusterSettings& settings, TransactionLog& log, bool is_dry_run)
      : settings_(settings), log_(log), is_dry_run_(is_dry_run) {}

  Result<std::vector<Step>> End(const TopicPartition& place) {
    std::vector<Step> steps;
    constexpr int kMost = 100;
    while (std::ssize(steps) < kMost) {
      const Result<TransactionsSurvey> survey = Survey(log_, settings_.topics, {.only = {place}});
      if (!survey) return survey.error();
      if (survey->open.empty()) {
        if (steps.empty()) steps.push_back({place, "clean", "nothing is open"});
        return steps;
      }
      const UnendedTransaction& open = survey->open.front();
      if (const auto why = ReasonNotToEnd(open, survey->open, common::WallNow())) {
        steps.push_back({place, "refused", Describe(open) + ": " + *why});
        return steps;
      }
      const std::string verdict(common::ToText(open.verdict));
      if (is_dry_run_) {
        steps.push_back({place, verdict, Describe(open) + " would be ended as " + verdict});
        return steps;
      }
      const auto unended = RecordsOf(open);
      if (!unended) return unended.error();
      const auto done = open.verdict == TransactionOutcome::kCommitted
                            ? kafka::EndAsCommitted(settings_.kafka, *unended)
                            : kafka::EndAsAborted(settings_.kafka, *unended);
      if (!done) return done.error();
      if (const auto ended = AwaitEnd(open); !ended) return ended.error();
      steps.push_back({place, verdict, Describe(open) + " was ended as " + verdict});
    }
    return steps;
  }

 private:
  static std::string Describe(const UnendedTransaction& open) {
    return std::to_string(open.records) + " records at " + ToText(open.offset) +
           (open.name ? " of " + Printable(open.name->instance) + ", transaction " +
                            std::to_string(open.name->number)
                      : std::string());
  }

  Result<kafka::UnendedTransaction> RecordsOf(const UnendedTransaction& open) {
    kafka::UnendedTransaction unended{.owner = open.name->instance,
                                      .topic = open.place.topic,
                                      .partition = open.place.partition,
                                      .records = {}};
    const auto take = [&](const rd_kafka_message_t& message) {
      common::RecordHeaders headers = kafka::HeadersOf(message);
      if (common::ReadTransactionName(headers) != open.name) return;
      if (common::LastHeader(headers, common::header::kRepaired)) return;
      unended.records.push_back({.offset = kafka::OffsetOf(message),
                                 .time = kafka::TimestampOf(message).value_or(common::WallTime{}),
                                 .key = std::string(kafka::KeyOf(message)),
                                 .value = std::string(kafka::ValueOf(message)),
                                 .headers = std::move(headers)});
    };
    const auto read = log_.Read(kafka::IsolationLevel::kReadUncommitted, open.place.topic,
                                open.place.partition, {open.offset, open.last + 1}, take);
    if (!read) return read.error();
    return unended;
  }

  Result<void> AwaitEnd(const UnendedTransaction& open) {
    const Deadline deadline = Deadline::After(kEndLimit);
    while (!deadline.HasPassed()) {
      const auto bounds = log_.BoundsOf(open.place.topic);
      if (!bounds) return bounds.error();
      const auto found = bounds->find(open.place.partition);
      if (found != bounds->end() && found->second.stable > open.offset) return {};
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return common::Error{common::Remedy::kStop, "still_open",
                         ToText(open.place) + " is still open at " + ToText(open.offset) +
                             ": its producer id is not that of the transactional id any more; end "
                             "it with kafka-transactions.sh abort"};
  }

  const ClusterSettings& settings_;
  TransactionLog& log_;
  bool is_dry_run_;
};

std::string RenderSteps(const std::vector<Step>& steps) {
  std::vector<std::string> rows;
  rows.reserve(steps.size());
  for (const Step& step : steps) {
    rows.push_back(common::json::ObjectWriter()
                       .Text("topic", step.place.topic)
                       .Number("partition", step.place.partition.number())
                       .Text("outcome", step.what)
                       .Text("detail", step.detail)
                       .Finish());
  }
  return RenderArray(rows) + "\n";
}

Result<int> ListTransactions(const Arguments& arguments, Output& output) {
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();
  const auto log = TransactionLog::Open(*settings);
  if (!log) return log.error();
  const Result<TransactionsSurvey> survey = SurveyTwice(**log, *settings);
  if (!survey) return survey.error();
  const common::WallTime now = common::WallNow();
  output.out << (output.is_json ? RenderJson(*survey, now) : RenderText(*survey, now));
  if (HasForgotten(*survey, now)) return kNotAsItShouldBe;
  return survey->unknown.empty() ? 0 : kNotAsked;
}

Result<int> EndTransactions(const Arguments& arguments, Output& output) {
  std::vector<TopicPartition> places;
  for (const std::string& operand : arguments.operands()) {
    const auto place = ParseTopicPartition(operand);
    if (!place) return Reject("`" + operand + "` is not a TOPIC:PARTITION such as processes:3");
    places.push_back(*place);
  }
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();
  const common::TopicNames& topics = settings->topics;
  for (const TopicPartition& place : places) {
    if (place.topic != topics.processes && place.topic != topics.seen &&
        place.topic != topics.dead) {
      return Reject(place.topic + " is not one of " + topics.processes + ", " + topics.seen +
                    " and " + topics.dead);
    }
  }
  const auto log = TransactionLog::Open(*settings);
  if (!log) return log.error();
  Ender ender(*settings, **log, arguments.Has("--dry-run"));
  std::vector<Step> all;
  std::optional<common::Error> failure;
  for (const TopicPartition& place : places) {
    auto steps = ender.End(place);
    if (!steps) {
      failure = steps.error();
      break;
    }
    std::move(steps->begin(), steps->end(), std::back_inserter(all));
  }
  if (output.is_json) {
    output.out << RenderSteps(all);
  } else {
    for (const Step& step : all) {
      output.out << ToText(step.place) << ": "
                 << (step.what == "refused" ? "refused, " : std::string()) << step.detail << "\n";
    }
  }
  if (failure) return *failure;
  const bool is_refused =
      std::any_of(all.begin(), all.end(), [](const Step& step) { return step.what == "refused"; });
  return is_refused ? kNotAsItShouldBe : 0;
}

}  // namespace

std::vector<Command> TransactionCommands() {
  return {{"transactions",
           "lists the open transactions on the topics: since when, whose, and the evidence\n"
           "whether each was committed. It watches an offset that is pending for up to a minute.\n"
           "Status 3: one is older than those of a living instance; 1: Kafka did not answer, or\n"
           "only in part",
           {},
           ListTransactions},
          {"transactions end",
           "ends the transactions that Kafka forgot to end on\n"
           "these partitions, as the evidence says; a running instance creates a new producer. "
           "Status 3:\n"
           "refused, because evidence is missing or contradictory",
           {{"--dry-run", "", "only lists the transactions"}},
           EndTransactions,
           {"TOPIC:PARTITION…"}}};
}

}  // namespace ctl
