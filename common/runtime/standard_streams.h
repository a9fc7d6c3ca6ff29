#pragma once

namespace common {

/// Opens /dev/null for each of the descriptors 0 to 2 that is closed. Otherwise the next eventfd,
/// socket or database would take its number, and what is printed would be written into it.
///
/// Threads: call it first in main(), before anything else opens a descriptor.
/// Errors:  none. Where /dev/null cannot be opened, the number is taken by a socket that takes no
///          data.
void OpenStandardStreams();

}  // namespace common
