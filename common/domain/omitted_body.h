#pragma once

#include <string>

#include "common/domain/record_headers.h"

namespace common {

// A dead letter larger than its topic's limit is written without its body. Its headers say so:
//   "dead.body"        := "omitted"
//   "dead.body-bytes"  := the body's size
//   "dead.body-sha256" := the body's digest, 64 hex digits
// "dead.topic", "dead.partition" and "dead.offset" name the callback itself, as long as its topic
// retains it.

/// False if the body is empty or omitted already.
bool OmitBody(std::string& body, RecordHeaders& headers);

[[nodiscard]] bool IsBodyOmitted(const RecordHeaders& headers);

}  // namespace common
