#pragma once

namespace tests {

/// Raises the limit of open files to the hard limit, for this process and its children.
void OpenAllDescriptors();

}  // namespace tests
