#include "common/config/tracing_settings.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "common/base/number.h"
#include "common/base/text.h"

namespace common::config {
namespace {

using std::chrono::milliseconds;
using tracing::TracingSettings;
using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kPath = "/v1/traces";
constexpr std::size_t kMostQueued = 1'000'000;

/// OpenTelemetry's variables. An empty one counts as not set.
class Variables {
 public:
  Variables(const Environment& environment, std::vector<std::string>& ignored)
      : environment_(environment), ignored_(ignored) {}

  [[nodiscard]] std::optional<std::string> Find(const std::string& name) const {
    auto value = environment_(name);
    if (!value) return std::nullopt;
    std::string trimmed(TrimAscii(*value));
    return trimmed.empty() ? std::nullopt : std::optional(std::move(trimmed));
  }
  /// OTEL_EXPORTER_OTLP_TRACES_<name>, or the one of all signals.
  [[nodiscard]] std::optional<std::string> FindOfExporter(const std::string& name) const {
    auto of_traces = Find("OTEL_EXPORTER_OTLP_TRACES_" + name);
    return of_traces ? of_traces : Find("OTEL_EXPORTER_OTLP_" + name);
  }
  [[nodiscard]] bool IsTrue(const std::string& name) const {
    return EqualsIgnoringCase(Find(name).value_or(""), "true");
  }
  /// Never quotes a value: it may be a secret.
  void Ignore(const std::string& name, std::string_view why) {
    ignored_.push_back(name + ": " + std::string(why));
  }

 private:
  const Environment& environment_;
  std::vector<std::string>& ignored_;
};

bool IsUrl(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    const std::string_view rest = text.substr(scheme.size());
    return !rest.empty() && rest.front() != '/' && rest.find_first_of(" \t\r\n") == rest.npos;
  }
  return false;
}

std::string WithPath(std::string base) {
  while (base.ends_with('/')) base.pop_back();
  return base.append(kPath);
}

/// Without a path of its own, OTLP's.
std::string UrlOf(std::string endpoint) {
  const std::size_t host = endpoint.find("://") + 3;
  const std::size_t slash = endpoint.find('/', host);
  return slash == std::string::npos || slash + 1 == endpoint.size() ? WithPath(std::move(endpoint))
                                                                    : endpoint;
}

/// name=value,name=value with percent-encoded values, as in W3C Baggage. None: not of that form.
std::optional<Pairs> ParsePairs(std::string_view text) {
  Pairs pairs;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view member = TrimAscii(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (member.empty()) continue;
    const std::size_t equals = member.find('=');
    if (equals == std::string_view::npos || equals == 0) return std::nullopt;
    pairs.emplace_back(TrimAscii(member.substr(0, equals)),
                       PercentDecode(TrimAscii(member.substr(equals + 1))));
  }
  return pairs;
}

bool IsField(const std::pair<std::string, std::string>& field) {
  const auto is_token = [](char c) {
    constexpr std::string_view kOther = "!#$%&'*+-.^_`|~";
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter || (c >= '0' && c <= '9') || kOther.find(c) != std::string_view::npos;
  };
  const auto is_text = [](char c) { return c == '\t' || (c >= ' ' && c != '\x7f'); };
  return !field.first.empty() && std::ranges::all_of(field.first, is_token) &&
         std::ranges::all_of(field.second, is_text);
}

std::optional<double> ParseRatio(std::string_view text) {
  const auto ratio = ParseNumber<double>(text);
  return ratio && *ratio >= 0 && *ratio <= 1 ? ratio : std::nullopt;
}

std::string ReadUrl(const std::optional<Section>& section, Variables& variables) {
  std::string endpoint;
  if (section && section->Read("endpoint", endpoint)) {
    if (IsUrl(endpoint)) return UrlOf(std::move(endpoint));
    section->Mistake("endpoint", "must be a URL that starts with http:// or https://");
    return {};
  }
  if (section && section->Has("endpoint")) return {};
  struct Source {
    const char* name;
    bool is_whole;
  };
  for (const Source& source : {Source{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", true},
                               Source{"OTEL_EXPORTER_OTLP_ENDPOINT", false}}) {
    const auto value = variables.Find(source.name);
    if (!value) continue;
    if (IsUrl(*value)) return source.is_whole ? *value : WithPath(*value);
    variables.Ignore(source.name, "is no URL that starts with http:// or https://");
  }
  return {};
}

void ReadHeaders(const std::optional<Section>& section, Variables& variables,
                 TracingSettings& settings) {
  if (section && section->Has("headers")) {
    std::map<std::string, std::string> headers;
    if (!section->Read("headers", headers)) return;
    settings.headers.assign(headers.begin(), headers.end());
    if (!std::ranges::all_of(settings.headers, IsField)) {
      section->Mistake("headers", "contains what is no header field");
    }
    return;
  }
  const auto value = variables.FindOfExporter("HEADERS");
  if (!value) return;
  const auto pairs = ParsePairs(*value);
  if (pairs && std::ranges::all_of(*pairs, IsField)) {
    settings.headers = *pairs;
  } else {
    variables.Ignore("OTEL_EXPORTER_OTLP_HEADERS", "is no list of name=value");
  }
}

/// OTEL_TRACES_SAMPLER and its argument.
void ReadSampler(Variables& variables, TracingSettings& settings) {
  const auto name = variables.Find("OTEL_TRACES_SAMPLER");
  if (!name) return;
  std::string_view kind = *name;
  constexpr std::string_view kParentBased = "parentbased_";
  const bool follows_parent = kind.starts_with(kParentBased);
  if (follows_parent) kind.remove_prefix(kParentBased.size());
  if (kind == "always_on") {
    settings.ratio = 1;
  } else if (kind == "always_off") {
    settings.ratio = 0;
  } else if (kind == "traceidratio") {
    const auto argument = variables.Find("OTEL_TRACES_SAMPLER_ARG");
    const auto ratio = argument ? ParseRatio(*argument) : 1;
    if (!ratio) variables.Ignore("OTEL_TRACES_SAMPLER_ARG", "is no number from 0 to 1");
    settings.ratio = ratio.value_or(1);
  } else {
    return variables.Ignore("OTEL_TRACES_SAMPLER", "is not a sampler that this program has");
  }
  settings.follows_parent = follows_parent;
}

void ReadTimeout(const std::optional<Section>& section, Variables& variables,
                 TracingSettings& settings) {
  constexpr DurationRange kRange{milliseconds(100), std::chrono::minutes(1)};
  if (section && section->Has("timeout")) {
    section->Read("timeout", settings.timeout, kRange);
    return;
  }
  const auto value = variables.FindOfExporter("TIMEOUT");
  if (!value) return;
  const auto number = ParseNumber<int>(*value);
  if (number && *number > 0) {
    settings.timeout = std::clamp(milliseconds(*number), kRange.min, kRange.max);
  } else {
    variables.Ignore("OTEL_EXPORTER_OTLP_TIMEOUT", "is no number of milliseconds");
  }
}

void ReadProtocol(Variables& variables) {
  const auto protocol = variables.FindOfExporter("PROTOCOL");
  if (protocol && *protocol != "http/json") {
    variables.Ignore("OTEL_EXPORTER_OTLP_PROTOCOL", "this program speaks http/json only");
  }
}

tracing::Resource ReadResource(Variables& variables, const TracingDefaults& defaults) {
  tracing::Resource resource = {{"service.name", defaults.service},
                                {"service.version", SLUICE_VERSION}};
  if (!defaults.instance.empty()) resource.emplace_back("service.instance.id", defaults.instance);
  const auto set = [&](const std::string& name, const std::string& value) {
    const auto found = std::ranges::find(resource, name, &Pairs::value_type::first);
    if (found == resource.end()) {
      resource.emplace_back(name, value);
    } else {
      found->second = value;
    }
  };
  if (const auto attributes = variables.Find("OTEL_RESOURCE_ATTRIBUTES")) {
    const auto pairs = ParsePairs(*attributes);
    if (!pairs) variables.Ignore("OTEL_RESOURCE_ATTRIBUTES", "is no list of name=value");
    for (const auto& [name, value] : pairs.value_or(Pairs())) set(name, value);
  }
  if (const auto name = variables.Find("OTEL_SERVICE_NAME")) set("service.name", *name);
  return resource;
}

}  // namespace

std::optional<TracingSettings> ReadTracing(const Section& root, const Environment& environment,
                                           const TracingDefaults& defaults) {
  const std::optional<Section> section = root.Child("tracing");
  TracingSettings settings;
  Variables variables(environment, settings.ignored);
  settings.slower_than = defaults.slower_than;
  settings.url = ReadUrl(section, variables);
  ReadHeaders(section, variables, settings);
  ReadSampler(variables, settings);
  ReadTimeout(section, variables, settings);
  ReadProtocol(variables);
  settings.ca_file = variables.FindOfExporter("CERTIFICATE").value_or("");
  settings.resource = ReadResource(variables, defaults);
  if (section) {
    if (section->Read("ratio", settings.ratio, {0, 1})) settings.follows_parent = true;
    section->Read("slower_than", settings.slower_than, {milliseconds(1)});
    section->Read("ca_file", settings.ca_file);
    int queue = static_cast<int>(settings.queue);
    section->Read("queue", queue, {1, static_cast<int>(kMostQueued)});
    settings.queue = static_cast<std::size_t>(queue);
  }
  const bool is_disabled = variables.IsTrue("OTEL_SDK_DISABLED") ||
                           variables.Find("OTEL_TRACES_EXPORTER").value_or("otlp") == "none";
  if (is_disabled || settings.url.empty()) return std::nullopt;
  return settings;
}

}  // namespace common::config
