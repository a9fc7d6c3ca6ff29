#include "ops/ctl/serve/secret_text.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstddef>

#include "common/base/hmac.h"
#include "common/base/text.h"

namespace ctl {

common::Result<std::string> DrawSecret() {
  std::array<char, 32> bytes{};
  for (std::size_t drawn = 0; drawn < bytes.size();) {
    const ssize_t more = ::getrandom(bytes.data() + drawn, bytes.size() - drawn, 0);
    if (more < 0 && errno == EINTR) continue;
    if (more <= 0) {
      return common::Error{common::Remedy::kStop, "no_random", "the kernel gives no random bytes"};
    }
    drawn += static_cast<std::size_t>(more);
  }
  return common::ToHex({bytes.data(), bytes.size()});
}

bool SecretDigest::IsOf(std::string_view text) const {
  return common::EqualsInConstantTime(common::Sha256(text), digest_);
}

}  // namespace ctl
