#include "tests/simulation/joint/operators.h"

#include <memory>
#include <sstream>
#include <utility>

#include "ops/ctl/audit/audit_report.h"
#include "ops/ctl/audit/audit_survey.h"
#include "ops/ctl/audit/healing.h"
#include "ops/ctl/dead/dead_redrive.h"
#include "ops/ctl/kafka/record_producer.h"
#include "tests/simulation/world/limits.h"
#include "tests/simulation/world/world.h"

namespace simulation::joint {
namespace {

constexpr int kHost = 2'000;
/// Longer than any history.
constexpr std::chrono::hours kFarAway{24 * 30};

std::string TextOf(const ctl::AuditFinding& finding, const ctl::ScannedRecord& record) {
  return "finding " + std::to_string(static_cast<int>(finding.fault)) + " at " +
         ToText(record.partition()) + "/" + ToText(record.offset());
}

}  // namespace

Operators::Operators(Runtime& runtime, bool watches_expected) : runtime_(runtime) {
  host_.id = kHost;
  if (!watches_expected) return;
  settings_.providers = RowsOfWorld(true);
  settings_.expected = ExpectedOf();
}

void Operators::Run(std::function<void()> command) {
  if (is_busy_ || stop_.stop_requested()) return;
  is_busy_ = true;
  runtime_.Spawn(host_, [this, command = std::move(command)] {
    command();
    is_busy_ = false;
  });
}

void Operators::Redrive() {
  Run([this] {
    std::ostringstream said;
    ctl::Output output{.out = said, .err = said};
    const auto outcome = ctl::Redrive(settings_, {}, output, stop_.get_token());
    if (outcome) redriven_ += outcome->stored;
  });
}

void Operators::Audit(bool heals) {
  Run([this, heals] { AuditNow(heals); });
}

void Operators::AuditNow(bool heals) {
  std::ostringstream said;
  ctl::Output output{.out = said, .err = said};
  failure_ = "it has not ended";
  const common::WallTime now = common::WallNow();
  const auto survey = ctl::AuditSurvey::Open(settings_, {now - kFarAway, now + kFarAway}, output,
                                             stop_.get_token());
  const auto producer =
      ctl::RecordProducer::Open(settings_, settings_.topics.callbacks, stop_.get_token());
  std::vector<std::string> findings;
  const auto visit = [&](const ctl::AuditFinding& finding, const ctl::ScannedRecord& record) {
    findings.push_back(TextOf(finding, record));
    const auto healing = ctl::HealingOf(finding, record, settings_.topics.callbacks);
    if (!heals || !healing) return;
    static_cast<void>(producer.value()->Send({.place = {record.partition(), record.offset()},
                                              .partition = healing->partition,
                                              .key = record.key(),
                                              .value = record.value(),
                                              .headers = healing->headers}));
  };
  const auto sums = survey.value()->Run(visit);
  producer.value()->Finish();
  healed_ += producer.value()->stored();
  failure_ = sums ? "" : sums.error().detail;
  if (!sums) return;
  ++audits_;
  findings_ = std::move(findings);
}

}  // namespace simulation::joint
