#include "ops/ctl/serve/same_origin.h"

#include <optional>

#include "common/base/text.h"
#include "common/config/address.h"

namespace ctl {
namespace {

using common::http::RequestHead;

/// The name or address in "host", "host:port" or "[address]:port". None: something else.
std::optional<std::string> HostIn(std::string_view authority) {
  if (authority.empty()) return std::nullopt;
  const bool has_brackets = authority.front() == '[';
  const std::size_t end = has_brackets ? authority.find(']') + 1 : authority.find(':');
  const std::string_view port = end < authority.size() ? authority.substr(end) : ":80";
  const std::string_view host = authority.substr(0, std::min(end, authority.size()));
  if (common::EqualsIgnoringCase(host, "localhost")) {
    return common::config::ParseAddress("localhost" + std::string(port))
               ? std::optional<std::string>("localhost")
               : std::nullopt;
  }
  const auto address = common::config::ParseAddress(std::string(host) + std::string(port));
  return address ? std::optional(address->host) : std::nullopt;
}

}  // namespace

bool IsLoopback(std::string_view host) { return host.starts_with("127.") || host == "::1"; }

bool IsWildcard(std::string_view host) { return host == "0.0.0.0" || host == "::"; }

bool SameOrigin::IsOurHost(const RequestHead& head) const {
  if (head.Count("host") != 1) return false;
  const auto host = HostIn(*head.Find("host"));
  if (!host) return false;
  if (*host == "localhost") return IsLoopback(host_) || IsWildcard(host_);
  return IsWildcard(host_) || *host == host_;
}

bool SameOrigin::IsOurOrigin(const RequestHead& head) {
  const auto site = head.Find("sec-fetch-site");
  if (site && *site != "same-origin" && *site != "none") return false;
  const auto origin = head.Find("origin");
  if (origin) return *origin == "http://" + std::string(head.Find("host").value_or(""));
  const bool changes_nothing = head.method == "GET" || head.method == "HEAD";
  return changes_nothing || site == "same-origin";
}

}  // namespace ctl
