#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/access/access_trouble.h"

namespace common::access {

/// Collects the complaints of one client: which of them to report, and why no broker answers it.
///
/// A client that is locked out tries again twice a second, so the same trouble is reported once a
/// minute for each broker. One that may pass, as while a broker restarts, is not reported; it only
/// explains an outage.
///
/// Time: an argument.
class AccessWatch {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kEvery{60};
  /// If the reason is another one: two brokers may answer behind one address.
  static constexpr std::chrono::seconds kIfOther{5};
  /// For so long a trouble explains an outage better than later words.
  static constexpr std::chrono::seconds kExplains{15};

  /// A line of the client; see FindAccessTrouble(). Returns the trouble if it is to be reported.
  std::optional<AccessTrouble> Heard(std::string_view code, std::string_view text, TimePoint now);
  /// Precondition: the certificate has an error.
  std::optional<AccessTrouble> Refused(const ShownCertificate& certificate, TimePoint now);

  /// Why no broker answers, in the client's words, with advice where there is some; empty: unknown.
  [[nodiscard]] std::string WhyUnanswered(TimePoint now) const;

 private:
  std::optional<AccessTrouble> Keep(AccessTrouble trouble, TimePoint now);

  struct Reported {
    TimePoint at;
    std::string why;
  };
  std::map<std::pair<AccessTrouble::Kind, std::string>, Reported> reported_;
  std::optional<AccessTrouble> trouble_;
  TimePoint trouble_at_{};
  std::string words_;
};

}  // namespace common::access
