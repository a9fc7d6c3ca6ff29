#include "ops/ctl/send/target.h"

#include "common/base/text.h"
#include "common/domain/callback_url.h"
#include "common/domain/provider_rules.h"

namespace ctl {
namespace {

/// The last segment of the path; empty if there is none.
std::string_view LastSegment(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t slash = url.rfind('/');
  return slash == std::string_view::npos || slash < host ? std::string_view()
                                                         : url.substr(slash + 1);
}

}  // namespace

std::string WarningOfTarget(std::string_view target, std::string_view provider) {
  const std::string_view last = LastSegment(target);
  if (last.empty()) return {};
  const bool is_provider =
      common::ProviderTable().Resolve(last) != common::ProviderTable::kUnknown ||
      common::EqualsIgnoringCase(last, common::PercentEncode(provider));
  if (!is_provider) return {};
  return "--target ends with the provider " + std::string(last) + ", so callbacks go to " +
         common::CallbackUrl(target, provider) +
         "; it should end with ingest's address or its path prefix";
}

}  // namespace ctl
