#pragma once

#include <curl/curl.h>

#include "consumer/policy/transport_fault.h"

namespace consumer {

/// Maps libcurl's result code of a transfer. A body over the bound ends in CURLE_WRITE_ERROR, which
/// only our own write callback causes, or in CURLE_FILESIZE_EXCEEDED.
[[nodiscard]] TransportFault FaultOf(CURLcode code);

}  // namespace consumer
