#include "tests/harness/metrics_page.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "tests/support/http_client.h"

namespace tests {
namespace {

/// Removes and returns `"…"` at the front, with its escapes resolved.
std::optional<std::string> ReadQuoted(std::string_view& text) {
  if (!text.starts_with('"')) return std::nullopt;
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return value;
    }
    if (text[i] == '\\' && i + 1 < text.size()) {
      ++i;
      value += text[i] == 'n' ? '\n' : text[i];
    } else {
      value += text[i];
    }
  }
  return std::nullopt;
}

/// Removes and returns `{name="value",…}` at the front.
std::optional<MetricsPage::Labels> ReadLabels(std::string_view& text) {
  MetricsPage::Labels labels;
  text.remove_prefix(1);
  while (!text.starts_with('}')) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string name(text.substr(0, equals));
    text.remove_prefix(equals + 1);
    const auto value = ReadQuoted(text);
    if (!value) return std::nullopt;
    labels[name] = *value;
    if (text.starts_with(',')) text.remove_prefix(1);
  }
  text.remove_prefix(1);
  return labels;
}

bool Contains(const MetricsPage::Labels& labels, const MetricsPage::Labels& wanted) {
  return std::ranges::all_of(wanted, [&](const auto& label) {
    const auto found = labels.find(label.first);
    return found != labels.end() && found->second == label.second;
  });
}

}  // namespace

MetricsPage::MetricsPage(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (auto sample = ReadLine(text.substr(0, end))) samples_.push_back(*std::move(sample));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::optional<MetricsPage> MetricsPage::Of(const std::string& address) {
  const HttpAnswer answer =
      Send({.url = "http://" + address + "/metrics", .limit = std::chrono::seconds(2)});
  if (answer.status != 200) return std::nullopt;
  return MetricsPage(answer.body);
}

std::optional<MetricsPage::Sample> MetricsPage::ReadLine(std::string_view line) {
  if (line.empty() || line.starts_with('#')) return std::nullopt;
  const std::size_t name_end = line.find_first_of("{ ");
  if (name_end == std::string_view::npos) return std::nullopt;
  Sample sample{.name = std::string(line.substr(0, name_end)), .labels = {}};
  line.remove_prefix(name_end);
  if (line.starts_with('{')) {
    auto labels = ReadLabels(line);
    if (!labels) return std::nullopt;
    sample.labels = *std::move(labels);
  }
  const std::string number(line);
  char* end = nullptr;
  sample.value = std::strtod(number.c_str(), &end);
  if (end == number.c_str()) return std::nullopt;
  return sample;
}

double MetricsPage::Sum(std::string_view name, const Labels& labels) const {
  double sum = 0;
  for (const Sample& sample : samples_) {
    if (sample.name == name && Contains(sample.labels, labels)) sum += sample.value;
  }
  return sum;
}

std::optional<double> MetricsPage::Value(std::string_view name, const Labels& labels) const {
  for (const Sample& sample : samples_) {
    if (sample.name == name && Contains(sample.labels, labels)) return sample.value;
  }
  return std::nullopt;
}

}  // namespace tests
