#include "ops/ctl/serve/query.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/base/text.h"

namespace ctl {
namespace {

struct Pair {
  std::string name;
  std::string value;
};

/// As HTML forms encode them: "+" is a space.
std::string Decode(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  return common::PercentDecode(spaced);
}

std::vector<Pair> PairsOf(std::string_view target) {
  std::vector<Pair> pairs;
  const std::size_t mark = target.find('?');
  std::string_view rest =
      mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  rest = rest.substr(0, rest.find('#'));
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::string_view name = pair.substr(0, pair.find('='));
    pairs.push_back({Decode(name), Decode(pair.substr(std::min(pair.size(), name.size() + 1)))});
  }
  return pairs;
}

}  // namespace

common::Result<Arguments> ReadQuery(std::string_view target,
                                    std::span<const std::string_view> names) {
  Arguments::Options options;
  for (Pair& pair : PairsOf(target)) {
    if (std::ranges::find(names, pair.name) == names.end()) {
      return Reject("there is no parameter " + pair.name);
    }
    if (!options.emplace("--" + pair.name, std::move(pair.value)).second) {
      return Reject("the parameter " + pair.name + " is given twice");
    }
  }
  return Arguments(std::move(options));
}

std::string FindInQuery(std::string_view target, std::string_view name) {
  for (const Pair& pair : PairsOf(target)) {
    if (pair.name == name) return pair.value;
  }
  return {};
}

}  // namespace ctl
