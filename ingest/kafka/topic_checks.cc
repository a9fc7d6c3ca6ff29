#include "ingest/kafka/topic_checks.h"

#include <utility>

#include "common/base/deadline.h"
#include "common/kafka/topic_check.h"
#include "ingest/kafka/kafka_events.h"

namespace ingest {
namespace {

constexpr std::chrono::seconds kCheckEvery{60};
constexpr std::chrono::milliseconds kTimeout{1'200};

}  // namespace

common::Result<TopicChecks::TopicVerdict> TopicChecks::Check(const ProducerSession& session) {
  const auto report = check_(session.client(), common::Deadline::After(kTimeout));
  if (!report) return report.error();
  TopicVerdict verdict{.refused = std::nullopt, .max_message_bytes = report->max_message_bytes};
  std::set<std::string> found;
  for (const common::kafka::TopicFinding& finding : report->findings) {
    const bool is_refused = common::kafka::IsRefused(finding.fault);
    if (is_refused && !verdict.refused) verdict.refused = finding.text;
    found.insert(finding.text);
    if (!reported_.contains(finding.text)) {
      events_.TopicFinding(is_refused, finding.topic, finding.text);
    }
  }
  verdict.is_settled = !verdict.refused || was_refused_;
  was_refused_ = verdict.refused.has_value();
  is_required_ = verdict.refused.has_value();
  next_ = std::chrono::steady_clock::now() + kCheckEvery;
  reported_ = std::move(found);
  return verdict;
}

}  // namespace ingest
