#include "tests/demo/tally.h"

#include <array>
#include <chrono>
#include <cstdio>

#include "common/domain/record_headers.h"
#include "tests/harness/metrics_page.h"

namespace demo {
namespace {

constexpr std::chrono::seconds kReadLimit(300);

std::string Line(const std::string& provider, const std::string& callbacks,
                 const std::string& deliveries, const std::string& removed,
                 const std::string& ignored, const std::string& unsent,
                 const std::string& results) {
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), "%-12s %10s %11s %21s %8s %11s %8s\n", provider.c_str(),
                callbacks.c_str(), deliveries.c_str(), removed.c_str(), ignored.c_str(),
                unsent.c_str(), results.c_str());
  return text.data();
}

std::int64_t RemovedOf(const ProviderTally& row) {
  return row.removed.value_or(row.deliveries - row.ignored - (row.results - row.reconciled));
}

std::string LineOf(const std::string& provider, const ProviderTally& row) {
  return Line(provider, std::to_string(row.callbacks), std::to_string(row.deliveries),
              std::to_string(RemovedOf(row)), std::to_string(row.ignored),
              std::to_string(row.unsent), std::to_string(row.results));
}

}  // namespace

const std::vector<std::string>& Providers() {
  static const std::vector<std::string> kProviders{"onfido", "eid",     "readid",
                                                   "paper",  "connect", kEvents};
  return kProviders;
}

Tally CountByProvider(tests::Pipeline& pipeline, const tests::Delivered& delivered) {
  Tally tally;
  for (const tests::SentCallback& callback : delivered.callbacks) {
    ++tally[callback.provider].callbacks;
    tally[callback.provider].unsent += callback.is_unsent ? 1 : 0;
  }
  pipeline.kafka().ForEach(
      pipeline.topics().callbacks, tests::Isolation::kReadCommitted,
      [&](const tests::Record& record) {
        const auto provider = common::LastHeader(record.headers, common::header::kProvider);
        ++tally[std::string(provider.value_or("unknown"))].deliveries;
      },
      kReadLimit);
  pipeline.kafka().ForEach(
      pipeline.topics().seen, tests::Isolation::kReadCommitted,
      [&](const tests::Record& record) {
        // Only that provider sends any.
        const auto outcome = common::LastHeader(record.headers, common::header::kOutcome);
        tally[kEvents].ignored += outcome == "ignored" ? 1 : 0;
      },
      kReadLimit);
  pipeline.kafka().ForEach(
      pipeline.topics().processes, tests::Isolation::kReadCommitted,
      [&](const tests::Record& record) {
        const auto result = tests::ReadResult(record.value.value_or(""));
        ProviderTally& row = tally[result ? result->provider : "unknown"];
        ++row.results;
        row.reconciled += result && result->is_reconciled ? 1 : 0;
      },
      kReadLimit);
  return tally;
}

void CountRemoved(const std::string& admin, Tally& tally) {
  const auto metrics = tests::MetricsPage::Of(admin);
  if (!metrics) return;
  for (auto& [provider, row] : tally) {
    row.removed = static_cast<std::int64_t>(
        metrics->Sum(kDisposed, {{"outcome", "duplicate"}, {"provider", provider}}));
    row.lost = static_cast<std::int64_t>(metrics->Sum(kLost, {{"provider", provider}}));
  }
}

std::string ToTable(const Tally& tally) {
  std::string text = "\n" + Line("provider", "callbacks", "deliveries", "redeliveries removed",
                                 "ignored", "never sent", "results");
  ProviderTally all{.removed = 0};
  for (const std::string& provider : Providers()) {
    const auto found = tally.find(provider);
    const ProviderTally row = found == tally.end() ? ProviderTally() : found->second;
    text += LineOf(provider, row);
    all.callbacks += row.callbacks;
    all.deliveries += row.deliveries;
    *all.removed += RemovedOf(row);
    all.ignored += row.ignored;
    all.unsent += row.unsent;
    all.results += row.results;
  }
  return text + LineOf("all", all);
}

}  // namespace demo
