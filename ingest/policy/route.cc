#include "ingest/policy/route.h"

namespace ingest {

std::optional<Route> MatchRoute(std::string_view prefix, std::string_view path) {
  while (path.starts_with("//")) path.remove_prefix(1);
  if (path.substr(0, prefix.size()) != prefix) return std::nullopt;
  std::string_view rest = path.substr(prefix.size());
  if (rest.empty()) return Route{};
  if (rest.front() != '/') return std::nullopt;
  rest.remove_prefix(1);
  std::string_view segment = rest;
  if (!segment.empty() && segment.back() == '/') segment.remove_suffix(1);
  if (segment.find('/') != std::string_view::npos) segment = {};
  return Route{.segment = segment, .rest = rest};
}

}  // namespace ingest
