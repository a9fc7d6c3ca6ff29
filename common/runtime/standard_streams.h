#pragma once

namespace common {

/// Opens /dev/null on each closed descriptor of 0 to 2. Otherwise the next eventfd, socket or
/// database would get its number, and the program's output would be written into it.
///
/// Threads: call it first in main(), before anything opens a descriptor.
/// Errors:  none. If /dev/null cannot be opened, an unconnected socket occupies the number.
void OpenStandardStreams();

}  // namespace common
