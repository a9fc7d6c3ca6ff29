#pragma once

#include "tests/soak/run.h"

namespace tests {

/// Lets callbacks become results, duplicates and dead letters on a pipeline of its own, and takes
/// pictures of the page of sluicectl that shows them.
///
/// Time:   about half a minute.
/// Errors: thrown.
void SavePagePictures(soak::Run& run);

}  // namespace tests
