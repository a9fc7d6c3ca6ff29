// Compares the metrics in ops/docs/metrics.md with those that the binaries expose. Needs no broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/component/ops/docs/unconnected.h"
#include "tests/harness/process.h"
#include "tests/support/http_client.h"
#include "tests/support/markdown.h"
#include "tests/support/temp_directory.h"

namespace tests {
namespace {

using testing::ContainerEq;

/// A metric as one line: "gauge", or "counter outcome: a, b; provider: c, d", with sorted labels
/// and values.
using Described = std::map<std::string, std::string>;
using Labels = std::map<std::string, std::set<std::string>>;

std::string Describe(const std::string& type, const Labels& labels) {
  std::string text = type;
  for (const auto& [label, values] : labels) {
    text += (text == type ? " " : "; ") + label + ":";
    for (const std::string& value : values) text += " " + value;
  }
  return text;
}

/// Splits "{a="x",b="y"}" into pairs.
std::map<std::string, std::string> LabelsIn(const std::string& series) {
  std::map<std::string, std::string> labels;
  const std::size_t open = series.find('{');
  if (open == std::string::npos) return labels;
  for (const std::string& part : SplitList(series.substr(open + 1, series.rfind('}') - open - 1))) {
    const std::size_t equals = part.find('=');
    labels[part.substr(0, equals)] = part.substr(equals + 2, part.size() - equals - 3);
  }
  return labels;
}

/// The parsed text of /metrics.
class Exposed {
 public:
  explicit Exposed(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("# TYPE ")) {
        std::istringstream(line.substr(7)) >> family_ >> types_[family_];
      } else if (!line.starts_with('#')) {
        for (const auto& [label, value] : LabelsIn(line)) {
          (label == "le" ? bounds_[family_] : labels_[family_][label])
              .insert(IsOpen(label) ? "any" : value);
        }
      }
    }
  }

  [[nodiscard]] Described metrics() const {
    Described described;
    for (const auto& [name, type] : types_) {
      const auto labels = labels_.find(name);
      described[name] = Describe(type, labels == labels_.end() ? Labels() : labels->second);
    }
    return described;
  }
  /// The bounds of each histogram, without +Inf.
  [[nodiscard]] std::map<std::string, std::set<double>> bounds() const {
    std::map<std::string, std::set<double>> bounds;
    for (const auto& [name, values] : bounds_) {
      for (const std::string& value : values) {
        if (value != "+Inf") bounds[name].insert(std::stod(value));
      }
    }
    return bounds;
  }

 private:
  /// Labels that say what an instance runs.
  static bool IsOpen(const std::string& label) {
    return label == "version" || label == "commit" || label == "hash";
  }

  std::string family_;
  std::map<std::string, std::string> types_;
  std::map<std::string, Labels> labels_;
  std::map<std::string, std::set<std::string>> bounds_;
};

/// A label without listed values is `provider`, with every built-in row.
std::set<std::string> ValuesOf(const std::string& label, const std::string& written) {
  const std::vector<std::string> values = SplitList(written);
  if (!values.empty() || label != "provider") return {values.begin(), values.end()};
  return {"unknown", "onfido", "eid", "readid", "paper", "connect", "webid", "pictureid"};
}

/// The golden metrics of a program, "sluice_ingest_in_flight gauge", without label values.
std::set<std::string> Golden(const std::string& program) {
  std::istringstream lines(ReadFile(SourcePath("tests/golden/" + program + "_metrics.txt")));
  std::set<std::string> golden;
  for (std::string line; std::getline(lines, line);) golden.insert(line);
  return golden;
}

/// Omits metrics that are documented as sometimes absent and are absent now. The golden list has
/// their type and labels.
Described DocumentedFor(const std::string& program, const Described& exposed) {
  const std::set<std::string> golden = Golden(program);
  const std::string reference = ReadFile(SourcePath("ops/docs/metrics.md"));
  std::vector<TableRow> rows = TableUnder(reference, "### " + program);
  std::ranges::move(TableUnder(reference, "### Both programs"), std::back_inserter(rows));
  Described described;
  for (const TableRow& row : rows) {
    Labels labels;
    for (const std::string& label : SplitList(row.at(2), ';')) {
      const std::size_t colon = label.find(':');
      const std::string name = label.substr(0, colon);
      labels[name] = ValuesOf(name, colon == std::string::npos ? "" : label.substr(colon + 1));
    }
    std::string line = row.at(0) + " " + row.at(1);
    for (const auto& [label, values] : labels) line += " " + label;
    const bool may_be_absent = row.at(3).find("absent") != std::string::npos;
    if (may_be_absent && !exposed.contains(row.at(0)) && golden.contains(line)) continue;
    described[row.at(0)] = Describe(row.at(1), labels);
  }
  return described;
}

Exposed ExposedBy(const std::string& program) {
  return Exposed(Get("http://" + Unconnected(program).admin() + "/metrics").body);
}

const Exposed& Ingest() {
  static const Exposed exposed = ExposedBy("ingest");
  return exposed;
}
const Exposed& Consumer() {
  static const Exposed exposed = ExposedBy("consumer");
  return exposed;
}

TEST(MetricsReference, HasTheMetricsOfIngestWithTypeLabelsAndValues) {
  EXPECT_THAT(DocumentedFor("ingest", Ingest().metrics()), ContainerEq(Ingest().metrics()));
}

TEST(MetricsReference, HasTheMetricsOfConsumerWithTypeLabelsAndValues) {
  EXPECT_THAT(DocumentedFor("consumer", Consumer().metrics()), ContainerEq(Consumer().metrics()));
}

TEST(MetricsReference, HasTheBoundsOfEveryHistogram) {
  std::map<std::string, std::set<double>> documented;
  for (const TableRow& row :
       TableUnder(ReadFile(SourcePath("ops/docs/metrics.md")), "## Metrics")) {
    for (const std::string& bound : SplitList(row.at(1))) {
      documented[row.at(0)].insert(std::stod(bound));
    }
  }
  auto exposed = Ingest().bounds();
  exposed.merge(Consumer().bounds());
  EXPECT_GT(exposed.size(), 4U);
  for (const auto& [histogram, bounds] : exposed) {
    const auto named = documented.find(histogram);
    EXPECT_EQ(bounds, named != documented.end() ? named->second : documented["the others"])
        << histogram;
  }
}

}  // namespace
}  // namespace tests
