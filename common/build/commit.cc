#include "common/build/commit.h"

namespace common {

std::string_view Commit() { return SLUICE_COMMIT; }

}  // namespace common
