#pragma once

#include <string_view>

#include "common/access/certificate.h"
#include "common/base/rfc3339.h"
#include "common/preflight/report.h"

namespace common::preflight {

/// A refused certificate is wrong; one that expires within two weeks is a warning. `setting`: the
/// key that names the authorities to trust.
void JudgeCertificate(const access::ShownCertificate& certificate, WallTime now,
                      std::string_view setting, Report& report);

}  // namespace common::preflight
