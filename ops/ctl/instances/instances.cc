#include "ops/ctl/instances/instances.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "ops/ctl/instances/probe.h"

namespace ctl {
namespace {

constexpr std::chrono::milliseconds kProbeLimit{2'000};

}  // namespace

OptionSpec InstanceOption() {
  return {"--instance", "URL,URL,…",
          "admin ports of ingest and consumer: 10.0.0.1:9100; default: that of --config, if it "
          "answers"};
}

std::vector<std::string> InstancesOf(const Arguments& arguments, const ClusterSettings& settings) {
  std::string_view list = settings.admin_url;
  const std::string given = arguments.Text("--instance");
  if (arguments.Has("--instance")) list = given;
  std::vector<std::string> urls;
  while (!list.empty()) {
    const std::string_view one = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), one.size() + 1));
    if (one.empty()) continue;
    const bool has_scheme = one.find("://") != std::string_view::npos;
    std::string url = (has_scheme ? "" : "http://") + std::string(one);
    while (url.ends_with('/')) url.pop_back();
    urls.push_back(std::move(url));
  }
  return urls;
}

std::vector<InstanceFacts> AskInstances(const std::vector<std::string>& urls) {
  std::vector<std::string> pages;
  for (const std::string& url : urls) {
    pages.push_back(url + "/metrics");
    pages.push_back(url + "/readyz");
  }
  const std::vector<ProbeAnswer> answers = Probe(pages, kProbeLimit);
  std::vector<InstanceFacts> facts;
  facts.reserve(urls.size());
  for (std::size_t i = 0; i < urls.size(); ++i) {
    facts.push_back(ReadInstance(urls[i], answers[2 * i], answers[2 * i + 1]));
  }
  return facts;
}

std::vector<InstanceFacts> AskInstances(const Arguments& arguments,
                                        const ClusterSettings& settings) {
  std::vector<InstanceFacts> facts = AskInstances(InstancesOf(arguments, settings));
  if (!arguments.Has("--instance")) {
    std::erase_if(facts, [](const InstanceFacts& instance) { return !instance.error.empty(); });
  }
  return facts;
}

}  // namespace ctl
