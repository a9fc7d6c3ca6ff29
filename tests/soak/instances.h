#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/harness/fault.h"
#include "tests/harness/metrics_page.h"
#include "tests/soak/run.h"

// Three consumer instances and queries to them.
namespace soak {

inline constexpr std::chrono::seconds kSession{6};  ///< The minimum that a broker allows.

[[nodiscard]] const std::vector<std::string>& InstanceNames();

/// Makes brokers notice dead instances as soon as possible; affects instances started later.
void UseShortSessions(tests::Pipeline& pipeline);

/// Starts instances that have never been started, and waits until all are ready.
void StartInstances(Run& run);

[[nodiscard]] bool IsReady(const tests::Pipeline& pipeline, const std::string& name);
[[nodiscard]] bool AreAllReady(const tests::Pipeline& pipeline);

/// A gauge of consumer; nullopt if it is absent.
[[nodiscard]] std::optional<double> GaugeOf(const tests::Pipeline& pipeline,
                                            const std::string& name, const std::string& gauge,
                                            const tests::MetricsPage::Labels& labels = {});

/// How often the instances have logged the event, over all runs.
[[nodiscard]] std::size_t CountLogged(tests::Pipeline& pipeline, const std::string& event);

/// Polls while faults continue. Throws `what` if the condition is not true within the limit.
void AwaitAmongFaults(tests::FaultSchedule& faults, const std::function<bool()>& condition,
                      std::chrono::seconds limit, const std::string& what);

/// The keys of a topic's committed records.
[[nodiscard]] std::vector<std::string> ReadKeys(tests::Pipeline& pipeline,
                                                const std::string& topic);

/// Names "process-0000000" and so on. Each requires a result.
[[nodiscard]] std::vector<tests::Expected> ExpectAll(int callbacks);

}  // namespace soak
