// The dedup table read back from Kafka, beside librdkafka alone. Method: ops/bench/restore.cc.
#include <algorithm>
#include <sstream>

#include "tests/bench/sections.h"
#include "tests/harness/json.h"

namespace bench {

void MeasureRestore(Bench& bench) {
  const std::vector<int> all =
      bench.options().IsShort() ? std::vector<int>{1} : std::vector<int>{1, 10};
  for (const int millions : all) {
    const std::string m = std::to_string(millions);
    const int most = millions > 1 ? 3 : bench.options().rounds;
    std::istringstream lines(
        bench.Run("bench-restore", {bench.broker().bootstrap(), m + "000000",
                                    std::to_string(std::min(most, bench.options().rounds))}));
    for (std::string line; std::getline(lines, line);) {
      const auto round = tests::ParseJson(line);
      for (const char* figure : {"restore_per_s", "raw_read_per_s", "restore_cpu_us",
                                 "raw_read_cpu_us", "bytes_per_key"}) {
        bench.samples().Add("restore_" + m + "." + figure, round[figure].GetDouble());
      }
    }
    const std::string series = "restore_" + m + ".";
    bench.Report("markers restored, " + m + " M", "1/s", series + "restore_per_s",
                 {"raw consume", series + "raw_read_per_s", ">= 0.7"});
    bench.Report("… CPU each", "µs", series + "restore_cpu_us",
                 {"raw consume", series + "raw_read_cpu_us"});
    bench.Report("… tables, a key", "B", series + "bytes_per_key");
  }
}

}  // namespace bench
