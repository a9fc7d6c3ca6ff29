#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

/// What the project has that a comment or a document can refer to.
struct Referents {
  std::set<std::string> files;        ///< By their paths from the project's root.
  std::set<std::string> identifiers;  ///< "P4", a promise, and "A1", "I3", of ADR 0007.
};

/// The identifiers that a document defines: in the first cell of a table's row, "| P4 | …", or bold
/// at the begin of an item, "* **A1** …".
[[nodiscard]] std::set<std::string> IdentifiersIn(std::string_view markdown);

/// What a file refers to and nobody has, a line each for people: identifiers, "ADR 0012", and names
/// that end in .md. In C++ only comments count.
[[nodiscard]] std::vector<std::string> FindDanglingReferences(const Referents& referents,
                                                              const std::string& path,
                                                              std::string_view text);

}  // namespace tests
