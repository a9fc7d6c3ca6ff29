#pragma once

#include <string_view>

#include "common/domain/identity.h"

namespace common {

// A result without a callback: its callback was announced, has not come, and the API says that the
// process is finished.
//
//   header "reconciled" "1"   ; on the result and on its markers
//   markers := identity(provider, dossierId, processId, status)       ; provider: as announced
//              identity(provider, dossierId, processId, "")           ; a callback without status
//              identity("/reconciled", dossierId, processId, status)  ; whatever route the callback
//              identity("/reconciled", dossierId, processId, "")      ; takes when it comes at last

inline constexpr std::string_view kReconciledHeader = "reconciled";
inline constexpr std::string_view kReconciledValue = "1";

/// In identities of callbacks whose route is no row, for whatever provider its last part names: the
/// consumer that watches announced processes marks them under this name, too. No row has it.
inline constexpr std::string_view kNoRow = "/no-row";

[[nodiscard]] inline Identity IdentityOfNoRow(const DossierId& dossier, const ProcessId& process,
                                              std::string_view status) {
  return IdentityOf(kNoRow, dossier, process, status);
}

/// The same for all providers: an announcement may name another provider than the callback's route.
/// No row has that name.
[[nodiscard]] inline Identity IdentityOfReconciled(const DossierId& dossier,
                                                   const ProcessId& process,
                                                   std::string_view status) {
  return IdentityOf("/reconciled", dossier, process, status);
}

}  // namespace common
