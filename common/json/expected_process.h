#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/base/result.h"
#include "common/domain/expected_process.h"

namespace common::json {

// announcement := {"dossierId": text, "processId": text, "provider": text ["within": duration]}
//   duration   := text, as in the configurations: "30m"    ; see common/base/duration.h
// Ids are trimmed and lower-cased as in callbacks. null is as good as no "within".

/// How a reader treats other fields.
enum class OtherFields {
  kIgnore,  ///< For readers of the topic: a later release, or the sender, may add some.
  kRefuse,  ///< Where the sender is told: it may have mistyped "within".
};

/// Errors: kReject. The detail is a clause for the sender: "processId is missing".
[[nodiscard]] Result<ExpectedProcess> ReadExpectedProcess(std::string_view json,
                                                          OtherFields others);

/// The value of its record, on one line.
[[nodiscard]] std::string WriteExpectedProcess(const ExpectedProcess& expected);

struct ForgottenProcess {
  ProcessId process;  ///< Normalised.

  friend bool operator==(const ForgottenProcess&, const ForgottenProcess&) = default;
};
using ExpectedRecord = std::variant<ExpectedProcess, ForgottenProcess>;

/// Reads a record of the topic, whoever wrote it. `value`: none if it is null. Errors: kReject: the
/// value is none, or the key is not the normalised processId. Such a record may
///         be in another partition than its callbacks.
[[nodiscard]] Result<ExpectedRecord> ReadExpectedRecord(std::string_view key,
                                                        std::optional<std::string_view> value);

}  // namespace common::json
