#pragma once

#include <string>
#include <vector>

namespace soak {

using AlertNames = std::vector<std::string>;

/// A fault of the running pipeline, and the alerts that it explains.
struct AlertFault {
  std::string id;
  std::string what;
  AlertNames must;     ///< These must fire.
  AlertNames along{};  ///< These may.

  /// True if the alert must or may fire.
  [[nodiscard]] bool Concerns(const std::string& alert) const;
};

/// The table of all faults, in the order of the run.
[[nodiscard]] const std::vector<AlertFault>& AlertFaults();

/// Throws if there is no such fault.
[[nodiscard]] const AlertFault& AlertFaultOf(const std::string& id);

/// The reason why no fault raises this alert at this scale; empty if one does.
[[nodiscard]] std::string WhyNotRaised(const std::string& alert, int scale);

}  // namespace soak
