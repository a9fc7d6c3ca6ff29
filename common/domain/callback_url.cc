#include "common/domain/callback_url.h"

#include "common/base/text.h"

namespace common {

std::string CallbackUrl(std::string_view target, std::string_view provider) {
  while (!target.empty() && target.back() == '/') target.remove_suffix(1);
  const std::size_t scheme = target.find("://");
  const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
  std::string url(target);
  if (target.find('/', host) == std::string_view::npos) url += kCallbackPathPrefix;
  return url + "/" + PercentEncode(provider);
}

}  // namespace common
