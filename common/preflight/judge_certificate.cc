#include "common/preflight/judge_certificate.h"

#include <chrono>
#include <string>

namespace common::preflight {
namespace {

constexpr std::chrono::hours kExpiresSoon{14 * 24};

}  // namespace

void JudgeCertificate(const access::ShownCertificate& certificate, WallTime now,
                      std::string_view setting, Report& report) {
  const std::string named = access::NameOf(certificate);
  if (certificate.error != 0) {
    return report.Add(Check::kTls, Verdict::kWrong,
                      access::DescribeRefusal(named, access::WhyRefused(certificate), setting));
  }
  if (certificate.valid_until && *certificate.valid_until - now < kExpiresSoon) {
    report.Add(Check::kTls, Verdict::kWarning,
               "the certificate of " + named + " expires on " +
                   FormatRfc3339(*certificate.valid_until).substr(0, 10) + ": renew it");
  }
}

}  // namespace common::preflight
