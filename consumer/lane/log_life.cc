#include "consumer/lane/log_life.h"

namespace consumer {

bool WentBack(const ReadPosition& position, const LogView& log) {
  if (position.next > log.end) return true;
  if (!position.last) return false;
  if (position.last->offset >= log.end) return true;
  if (position.last->offset < log.begin) return false;
  return log.at_last != position.last;
}

}  // namespace consumer
