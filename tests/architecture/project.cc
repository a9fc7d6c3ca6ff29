#include "tests/architecture/project.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tests {

std::map<std::string, std::string> ProjectTexts(const std::vector<std::string>& extensions) {
  namespace fs = std::filesystem;
  const fs::path root(SLUICE_SOURCE_DIR);
  std::map<std::string, std::string> texts;
  const auto take = [&](const fs::path& path) {
    if (std::ranges::find(extensions, path.extension().string()) == extensions.end()) return;
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    texts[fs::relative(path, root)] = text.str();
  };
  for (const auto& entry : fs::directory_iterator(root)) {
    if (entry.is_regular_file()) take(entry.path());
  }
  for (const char* folder : {"common", "ingest", "consumer", "ops", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (entry.is_regular_file()) take(entry.path());
    }
  }
  return texts;
}

}  // namespace tests
