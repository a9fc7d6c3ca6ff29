#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "tests/harness/fault.h"
#include "tests/harness/metrics_page.h"
#include "tests/soak/run.h"

// Three instances of consumer, and what they are asked.
namespace soak {

inline constexpr std::chrono::seconds kSession{6};  ///< The least that a broker takes.

[[nodiscard]] const std::vector<std::string>& InstanceNames();

/// Has instances leave the group as soon as a broker allows; in force for those started afterwards.
void UseShortSessions(tests::Pipeline& pipeline);

/// Starts those that were not started yet, and waits until all are ready.
void StartInstances(Run& run);

[[nodiscard]] bool IsReady(const tests::Pipeline& pipeline, const std::string& name);
[[nodiscard]] bool AreAllReady(const tests::Pipeline& pipeline);

/// A gauge of consumer; none: it does not tell.
[[nodiscard]] std::optional<double> GaugeOf(const tests::Pipeline& pipeline,
                                            const std::string& name, const std::string& gauge,
                                            const tests::MetricsPage::Labels& labels = {});

/// How often all instances have logged the event, in all their runs.
[[nodiscard]] std::size_t CountLogged(tests::Pipeline& pipeline, const std::string& event);

/// Polls while faults go on; throws `what` if the condition does not hold within the limit.
void AwaitAmongFaults(tests::FaultSchedule& faults, const std::function<bool()>& condition,
                      std::chrono::seconds limit, const std::string& what);

/// The keys of a topic's committed records.
[[nodiscard]] std::vector<std::string> ReadKeys(tests::Pipeline& pipeline,
                                                const std::string& topic);

/// "process-0000000" and so on, each of which needs a result.
[[nodiscard]] std::vector<tests::Expected> ExpectAll(int callbacks);

/// The same judgement by the operator's own tool, sluicectl audit.
void AuditAll(Run& run, common::WallTime begun_at);

}  // namespace soak
