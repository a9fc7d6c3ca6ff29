#include "ops/ctl/topics/topics.h"

#include <algorithm>
#include <map>
#include <ostream>
#include <thread>

#include "common/base/deadline.h"
#include "common/json/object_writer.h"
#include "common/kafka/topic_check.h"
#include "ops/ctl/kafka/cluster.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/settings.h"
#include "ops/ctl/topics/topic_plan.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Result;
using common::TopicSpec;
using common::json::ObjectWriter;
using common::json::Quote;
using common::kafka::ClusterFacts;
using common::kafka::TopicCreation;
using common::kafka::TopicFacts;
using common::kafka::TopicFinding;
using common::kafka::TopicScope;

/// The outcome for each topic, by name: "created", "exists", "failed".
using Outcomes = std::map<std::string, std::string>;

std::vector<TopicFinding> Check(const ClusterSettings& settings, const ClusterFacts& facts) {
  return CheckTopics(
      settings.topics, TopicScope::kAll,
      {.dedup_reach = settings.DedupReach(), .expected_wait = settings.ExpectedWait()}, facts);
}

Waits WaitsOf(const ClusterSettings& settings) {
  return {.dedup_reach = settings.DedupReach(), .expected = settings.ExpectedWait()};
}

std::string StateOf(const Outcomes& outcomes, const std::string& topic, const TopicFacts& facts) {
  if (const auto outcome = outcomes.find(topic); outcome != outcomes.end()) return outcome->second;
  switch (facts.access) {
    case TopicFacts::Access::kAllowed:
      return "exists";
    case TopicFacts::Access::kMissing:
      return "missing";
    case TopicFacts::Access::kDenied:
      return "hidden";
  }
  return "";
}

std::string RenderJson(const std::vector<std::string>& topics, const ClusterFacts& facts,
                       const Outcomes& outcomes, const std::vector<std::string>& problems,
                       const std::vector<TopicFinding>& findings,
                       const std::vector<std::string>& remarks, bool is_right) {
  std::vector<std::string> rows;
  for (const std::string& topic : topics) {
    const TopicFacts& known = facts.topics.at(topic);
    rows.push_back(ObjectWriter()
                       .Text("topic", topic)
                       .Text("state", StateOf(outcomes, topic, known))
                       .Number("partitions", known.partitions)
                       .Number("replication", known.replication)
                       .Finish());
  }
  std::vector<std::string> found;
  found.reserve(problems.size() + findings.size());
  for (const std::string& problem : problems) {
    found.push_back(ObjectWriter().Text("fault", "differs").Text("text", problem).Finish());
  }
  for (const TopicFinding& finding : findings) {
    found.push_back(ObjectWriter()
                        .Text("fault", ToText(finding.fault))
                        .Text("topic", finding.topic)
                        .Bool("refused", IsRefused(finding.fault))
                        .Text("text", finding.text)
                        .Finish());
  }
  std::vector<std::string> remarked;
  remarked.reserve(remarks.size());
  for (const std::string& remark : remarks) remarked.push_back(Quote(remark));
  return ObjectWriter()
             .Bool("ok", is_right)
             .Number("brokers", facts.brokers)
             .Raw("topics", RenderArray(rows))
             .Raw("findings", RenderArray(found))
             .Raw("remarks", RenderArray(remarked))
             .Finish() +
         "\n";
}

constexpr int kRight = 0;
constexpr int kNotDone = 1;
constexpr int kDiffers = 3;

/// 3: a topic differs from the plan; 1: a topic could not be created, or may not be described.
int StatusOf(const Outcomes& outcomes, const std::vector<std::string>& problems,
             const std::vector<TopicFinding>& findings) {
  const bool has_failed = std::any_of(outcomes.begin(), outcomes.end(), [](const auto& outcome) {
    return outcome.second == "failed";
  });
  if (has_failed) return kNotDone;
  const bool differs =
      !problems.empty() || std::any_of(findings.begin(), findings.end(), [](const auto& finding) {
        return CountsAsDifference(finding.fault);
      });
  if (differs) return kDiffers;
  const bool is_hidden = std::any_of(findings.begin(), findings.end(), [](const auto& finding) {
    return finding.fault == common::kafka::TopicFault::kNoPermission;
  });
  return is_hidden ? kNotDone : kRight;
}

/// Prints the topics and the problems.
int Report(Output& output, const ClusterSettings& settings, const ClusterFacts& facts,
           const Outcomes& outcomes, const std::vector<std::string>& problems) {
  const std::vector<std::string> topics = TopicsOf(settings.topics, TopicScope::kAll);
  const std::vector<TopicFinding> findings = Check(settings, facts);
  const std::vector<std::string> remarks = FindLongerKept(
      PlanTopics(settings.topics, PlanFor(facts, settings.topics, {}, WaitsOf(settings))), facts,
      settings.topics.seen);
  const int status = StatusOf(outcomes, problems, findings);
  if (output.is_json) {
    output.out << RenderJson(topics, facts, outcomes, problems, findings, remarks,
                             status == kRight);
    return status;
  }
  std::vector<std::vector<std::string>> rows;
  for (const std::string& topic : topics) {
    const TopicFacts& known = facts.topics.at(topic);
    rows.push_back({topic, StateOf(outcomes, topic, known), std::to_string(known.partitions),
                    std::to_string(known.replication)});
  }
  output.out << RenderTable({"TOPIC", "STATE", "PARTITIONS", "REPLICATION"}, rows);
  for (const std::string& problem : problems) output.err << "differs: " << problem << "\n";
  for (const TopicFinding& finding : findings) {
    output.err << (CountsAsDifference(finding.fault) ? "differs: " : "warning: ") << finding.text
               << "\n";
  }
  for (const std::string& remark : remarks) output.err << "remark: " << remark << "\n";
  return status;
}

/// Waits until the brokers know all topics: a broker learns of a new topic a moment after the
/// controller has created it, and different requests go to different brokers.
Result<ClusterFacts> FactsWithAll(Cluster& cluster, const std::vector<std::string>& topics,
                                  const Outcomes& outcomes) {
  const Deadline deadline = Deadline::After(std::chrono::seconds(10));
  while (true) {
    Result<ClusterFacts> facts = cluster.Facts(topics);
    if (!facts) return facts;
    const bool is_complete =
        std::all_of(outcomes.begin(), outcomes.end(), [&](const auto& outcome) {
          const TopicFacts& topic = facts->topics.at(outcome.first);
          return outcome.second == "failed" || (topic.access != TopicFacts::Access::kMissing &&
                                                (topic.is_config_denied || !topic.config.empty()));
        });
    if (is_complete || deadline.HasPassed()) return facts;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

Result<RequestedTopics> ReadRequestedTopics(const Arguments& arguments) {
  RequestedTopics requested;
  const Result<int> partitions = arguments.Number("--partitions", 0, 1, 10'000);
  if (!partitions) return partitions.error();
  const Result<int> replication = arguments.Number("--replication", 0, 1, 100);
  if (!replication) return replication.error();
  if (*partitions > 0) requested.partitions = *partitions;
  if (*replication > 0) requested.replication = *replication;
  return requested;
}

Result<int> CreateTopics(const Arguments& arguments, Output& output) {
  const Result<RequestedTopics> requested = ReadRequestedTopics(arguments);
  if (!requested) return requested.error();
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();
  const Result<std::unique_ptr<Cluster>> cluster = Cluster::Open(*settings);
  if (!cluster) return cluster.error();
  const std::vector<std::string> topics = TopicsOf(settings->topics, TopicScope::kAll);
  const Result<ClusterFacts> before = cluster.value()->Facts(topics);
  if (!before) return before.error();

  const std::vector<TopicSpec> specs = PlanTopics(
      settings->topics, PlanFor(*before, settings->topics, *requested, WaitsOf(*settings)));
  std::vector<std::string> problems = UnmetRequests(specs, *before, *requested);
  Outcomes outcomes;
  if (const std::vector<TopicSpec> missing = MissingOf(specs, *before); !missing.empty()) {
    const Result<std::vector<TopicCreation>> created = cluster.value()->Create(missing);
    if (!created) return created.error();
    for (const TopicCreation& creation : *created) {
      const bool has_failed = creation.outcome == TopicCreation::CreationStatus::kFailed;
      const bool is_new = creation.outcome == TopicCreation::CreationStatus::kCreated;
      outcomes[creation.topic] = has_failed ? "failed" : is_new ? "created" : "exists";
      if (has_failed) problems.push_back(creation.topic + " was not created: " + creation.error);
    }
  }
  const Result<ClusterFacts> after = FactsWithAll(*cluster.value(), topics, outcomes);
  if (!after) return after.error();
  return Report(output, *settings, *after, outcomes, problems);
}

Result<int> CheckTopics(const Arguments& arguments, Output& output) {
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();
  const Result<std::unique_ptr<Cluster>> cluster = Cluster::Open(*settings);
  if (!cluster) return cluster.error();
  const Result<ClusterFacts> facts =
      cluster.value()->Facts(TopicsOf(settings->topics, TopicScope::kAll));
  if (!facts) return facts.error();
  return Report(output, *settings, *facts, {}, {});
}

}  // namespace

std::vector<Command> TopicCommands() {
  return {{"topics create",
           "creates missing topics and reports how existing ones differ from the plan.\n"
           "Status 3: a topic differs; 1: a topic could not be created or described",
           {{"--partitions", "N", "of all topics but callbacks.dead, default 12"},
            {"--replication", "N", "replicas, default 3 or one per broker if there are fewer"}},
           CreateTopics},
          {"topics check",
           "reports how the topics differ from the plan, and which ones keep records longer.\n"
           "Status 3: a topic differs; 1: one could not be described",
           {},
           CheckTopics}};
}

}  // namespace ctl
