#include "common/admin/liveness.h"

namespace common::admin {

http::Answer LivenessAnswer(const std::optional<std::string>& stalled) {
  if (stalled) return {.status = 503, .body = *stalled + "\n"};
  return {.status = 200, .body = "ok\n"};
}

}  // namespace common::admin
