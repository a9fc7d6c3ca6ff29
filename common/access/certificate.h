#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/rfc3339.h"

namespace common::access {

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

/// The host, or its authority, whose certificate it is.
[[nodiscard]] std::string NameOf(const ShownCertificate& certificate);

/// OpenSSL's words for the error, with the names or the date that it is about. Precondition: there
/// is an error.
[[nodiscard]] std::string WhyRefused(const ShownCertificate& certificate);

/// Advises on a refused certificate. `why`: OpenSSL's or libcurl's words. `setting`: the key that
/// names the authorities to trust.
[[nodiscard]] std::string CertificateAdvice(std::string_view why, std::string_view setting);

/// "the certificate of HOST is refused (WHY): ADVICE"
[[nodiscard]] std::string DescribeRefusal(const std::string& host, std::string_view why,
                                          std::string_view setting);

}  // namespace common::access
