#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/rfc3339.h"
#include "common/preflight/report.h"

namespace common::preflight {

/// A certificate of a chain that a host has shown, and what OpenSSL says of it.
struct ShownCertificate {
  std::string host;
  bool is_leaf = true;
  int error = 0;             ///< X509_V_ERR_…; 0: verified.
  std::string subject = {};  ///< "CN=kafka-1"; empty if unreadable.
  std::string names = {};    ///< That it is valid for: "kafka-1, 10.0.0.7".
  std::optional<WallTime> valid_until = {};
};

/// Reads the fields of a DER certificate.
[[nodiscard]] ShownCertificate ReadCertificate(std::string_view der);

/// What is wrong with a host's certificate and what to do about it. `why`: OpenSSL's or libcurl's
/// words. `setting`: the key that names the authorities to trust.
[[nodiscard]] std::string DescribeRefusal(const std::string& host, std::string_view why,
                                          std::string_view setting);

/// A refused certificate is wrong; one that expires within two weeks is a warning.
void JudgeCertificate(const ShownCertificate& certificate, WallTime now, std::string_view setting,
                      Report& report);

}  // namespace common::preflight
