#pragma once

namespace tests {

/// Raises this process's limit of open files, and that of its children, to the hard limit.
void OpenAllDescriptors();

}  // namespace tests
