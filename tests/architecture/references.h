#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

/// Everything in the project that a comment or document may refer to.
struct Referents {
  std::set<std::string> files;        ///< Paths from the project's root.
  std::set<std::string> identifiers;  ///< Promises such as "P4", and "A1" or "I3" of ADR 0007.
};

/// The identifiers that a document defines: in the first cell of a table row, "| P4 | …", or in
/// bold at the beginning of an item, "* **A1** …".
[[nodiscard]] std::set<std::string> IdentifiersIn(std::string_view markdown);

/// A file's unresolved references, one readable line each: identifiers, "ADR 0012", names that end
/// in .md, and numbers of this project's issues, which nobody outside can read. In code and scripts
/// only comments count.
[[nodiscard]] std::vector<std::string> FindDanglingReferences(const Referents& referents,
                                                              const std::string& path,
                                                              std::string_view text);

/// The words of which C++ names consist.
[[nodiscard]] std::set<std::string> WordsIn(std::string_view source);

/// The code that a document names and that is gone, one readable line each: `Type`, `Type::Member`
/// and `Suite.Test` with a word that is not among `words`, and `folder/file.h` that is no file.
[[nodiscard]] std::vector<std::string> FindGoneCode(const std::set<std::string>& words,
                                                    const std::set<std::string>& files,
                                                    const std::string& path,
                                                    std::string_view markdown);

}  // namespace tests
