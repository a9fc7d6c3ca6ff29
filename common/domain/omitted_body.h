#pragma once

#include <string>

#include "common/domain/record_headers.h"

namespace common {

// A dead letter that is larger than its topic takes goes without its body, and says so:
//   "dead.body"        := "omitted"
//   "dead.body-bytes"  := how many there were
//   "dead.body-sha256" := of them, 64 hex digits
// The callback stands where "dead.topic", "dead.partition" and "dead.offset" say, as long as that
// topic keeps it.

/// False: there is no body, or it is omitted already.
bool OmitBody(std::string& body, RecordHeaders& headers);

[[nodiscard]] bool IsBodyOmitted(const RecordHeaders& headers);

}  // namespace common
