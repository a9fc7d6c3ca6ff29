#include "tests/soak/broken_logs.h"

#include <set>
#include <sstream>
#include <vector>

namespace soak {
namespace {

constexpr std::uintmax_t kCutBytes = 10;

}  // namespace

void CutLastBatches(const std::filesystem::path& data, const std::string& topic) {
  for (const auto& log : std::filesystem::directory_iterator(data)) {
    if (!log.path().filename().string().starts_with(topic + "-")) continue;
    for (const auto& file : std::filesystem::directory_iterator(log)) {
      if (file.path().extension() != ".log" || file.file_size() <= kCutBytes) continue;
      std::filesystem::resize_file(file.path(), file.file_size() - kCutBytes);
    }
  }
}

void EmptyLog(const std::filesystem::path& data, const std::string& topic, int partition) {
  static const std::set<std::string> kOfSegments{".log", ".index", ".timeindex", ".snapshot",
                                                 ".txnindex"};
  std::vector<std::filesystem::path> files;
  for (const auto& file :
       std::filesystem::directory_iterator(data / (topic + "-" + std::to_string(partition)))) {
    if (kOfSegments.contains(file.path().extension())) files.push_back(file.path());
  }
  for (const auto& file : files) std::filesystem::remove(file);
}

std::string WithBegins(const std::string& checkpoint, const std::string& topic,
                       const std::map<int, std::int64_t>& begins) {
  std::istringstream lines(checkpoint);
  std::string line;
  std::string entries;
  std::size_t count = 0;
  for (int number = 0; std::getline(lines, line); ++number) {
    constexpr int kHeaderLines = 2;
    if (number < kHeaderLines || line.starts_with(topic + " ")) continue;
    entries += line + "\n";
    ++count;
  }
  for (const auto& [partition, begin] : begins) {
    entries += topic + " " + std::to_string(partition) + " " + std::to_string(begin) + "\n";
    ++count;
  }
  return "0\n" + std::to_string(count) + "\n" + entries;
}

}  // namespace soak
