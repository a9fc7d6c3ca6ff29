// The dedup table: bytes and time per key. Method: ops/bench/dedup.cc.
#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>
#include <stdexcept>

#include "tests/bench/sections.h"

namespace bench {
namespace {

struct Figure {
  const char* series;
  const char* unit;
  const char* text;  ///< nullptr: the series's name.
};

/// In the order of bench-dedup's output, without the growth of VmRSS, which has its own row.
constexpr std::array<Figure, 6> kFigures{
    {{"bytes", "B", "… as the table computes them"},
     {"peak", "B", "… at most while it grew (one table; there is one for each partition)"},
     {"insert", "ns", nullptr},
     {"hit", "ns", nullptr},
     {"miss", "ns", nullptr},
     {"expire", "ns", "one key in, one expired"}}};

constexpr int kNotBuilt = 3;  ///< The exit status of a bench-dedup built without absl.

std::string SeriesOf(const std::string& subject, int millions, const std::string& figure) {
  return "dedup_" + subject + "_" + std::to_string(millions) + "_" + figure;
}

void Sample(Bench& bench, const std::string& subject, int millions) {
  const auto finished =
      tests::RunProgram(tests::Binary("bench-dedup"),
                        {subject, std::to_string(millions) + "000000"}, std::chrono::minutes(30));
  if (finished.status == kNotBuilt) {
    std::fputs("bench-dedup was built without absl (libabsl-dev): nothing to compare with\n",
               stderr);
    return;
  }
  if (finished.status != 0) {
    throw std::runtime_error("bench-dedup " + subject + " has failed: " + finished.error_output);
  }
  std::istringstream figures(finished.output);
  for (const char* name : {"bytes", "resident", "peak", "insert", "hit", "miss", "expire"}) {
    double figure = 0;
    if (!(figures >> figure)) throw std::runtime_error("bench-dedup gives other figures");
    bench.samples().Add(SeriesOf(subject, millions, name), figure);
  }
}

void Report(Bench& bench, int millions) {
  const std::string keys = ", " + std::to_string(millions) + " M keys";
  // The goal applies to the median, so this row has no comparison.
  bench.Add({.figure = "bytes a key" + keys,
             .unit = "B",
             .spread = SpreadOf(bench.samples().Of(SeriesOf("table", millions, "resident"))),
             .goal = millions == 10 ? "<= 24" : ""});
  for (const Figure& figure : kFigures) {
    const std::string name = figure.series;
    const std::string text = name == "insert" ? name + keys : figure.text ? figure.text : name;
    const std::string table = SeriesOf("table", millions, name);
    const std::string absl = SeriesOf("absl", millions, name);
    if (bench.samples().Has(absl)) {
      bench.Report(text, figure.unit, table, {"flat_hash_map", absl});
    } else {
      bench.Report(text, figure.unit, table);
    }
  }
}

}  // namespace

void MeasureDedup(Bench& bench) {
  const std::vector<int> all =
      bench.options().IsShort() ? std::vector<int>{1} : std::vector<int>{1, 10, 50};
  for (const int millions : all) {
    // A round with 50 million keys takes two minutes.
    const int most = millions > 10 ? 1 : millions > 1 ? 3 : bench.options().rounds;
    const int rounds = std::min(most, bench.options().rounds);
    for (int round = 0; round < rounds; ++round) {
      for (const char* subject : {"table", "absl"}) Sample(bench, subject, millions);
    }
    Report(bench, millions);
  }
}

}  // namespace bench
