#include "tests/soak/footprint.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "common/base/number.h"
#include "common/base/text.h"
#include "tests/support/temp_directory.h"

namespace soak {

std::int64_t SizeIn(std::string_view status, std::string_view name) {
  const std::string key = "\n" + std::string(name) + ":";
  const std::size_t at = status.find(key);
  if (at == std::string_view::npos) return 0;
  std::string_view value = status.substr(at + key.size());
  value = value.substr(0, value.find('\n'));
  value = common::TrimAscii(value.substr(0, value.find(" kB")));
  return common::ParseNumber<std::int64_t>(value).value_or(0);
}

Footprint FootprintOf(pid_t pid) {
  const std::filesystem::path process = "/proc/" + std::to_string(pid);
  const std::string status = tests::ReadFile(process / "status");
  return {.resident_kib = SizeIn(status, "VmRSS"),
          .anonymous_kib = SizeIn(status, "RssAnon"),
          .descriptors = std::distance(std::filesystem::directory_iterator(process / "fd"),
                                       std::filesystem::directory_iterator())};
}

std::int64_t LargestResident(const std::vector<Footprint>& samples, std::size_t from,
                             std::size_t to) {
  std::int64_t largest = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (i * 100 < samples.size() * from || i * 100 >= samples.size() * to) continue;
    largest = std::max(largest, samples[i].resident_kib);
  }
  return largest;
}

}  // namespace soak
