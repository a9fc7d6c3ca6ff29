#include "common/runtime/standard_streams.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <initializer_list>

namespace common {

void OpenStandardStreams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    // open(2) returns the lowest free number, which is this one. It stays open across exec(2).
    const int opened = ::open("/dev/null", O_RDWR);  // NOLINT(android-cloexec-open)
    if (opened < 0) (void)::socket(AF_UNIX, SOCK_DGRAM, 0);
  }
}

}  // namespace common
