#pragma once

#include <string_view>
#include <vector>

#include "common/domain/identity.h"
#include "common/domain/ids.h"

namespace consumer {

/// The identities under which the last callback of a process is known, whatever it says: one for
/// each final status that Signicat documents, and one for a callback without a status. A status
/// that is not among them is found once the API has named it.
[[nodiscard]] std::vector<common::Identity> IdentitiesOfLastCallback(
    std::string_view provider, const common::DossierId& dossier, const common::ProcessId& process);

/// True if Signicat documents the status as final. An unknown one may be a new state of a process
/// that is not finished.
[[nodiscard]] bool IsKnownAsFinal(std::string_view status);

}  // namespace consumer
