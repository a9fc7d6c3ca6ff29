#pragma once

#include <string>

#include "common/domain/assure_request.h"
#include "ops/ctl/erase/dossier_deletion.h"

namespace ctl {

/// One request to the Assure API or its token endpoint, as consumer makes them: TLS 1.2 at least,
/// certificates are checked, no redirect is followed. A new connection each time.
///
/// Time: at most 15 s.
/// `ca_file`: empty: the system's certificates; else only those of the file.
[[nodiscard]] AssureReply AskAssure(const common::AssureRequest& request,
                                    const std::string& ca_file);

}  // namespace ctl
