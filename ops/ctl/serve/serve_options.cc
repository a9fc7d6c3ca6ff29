#include "ops/ctl/serve/serve_options.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "ops/ctl/serve/same_origin.h"

namespace ctl {
namespace {

/// Printable ASCII, and no character that would end a URL in a text.
bool IsUrlCharacter(char c) { return c > ' ' && c < '\x7F' && c != '"' && c != '<' && c != '>'; }

/// The page makes links of it: `javascript:` must not be among them.
bool IsWebUrl(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!url.starts_with(scheme)) continue;
    const std::string_view rest = url.substr(scheme.size());
    return !rest.empty() && rest.front() != '/' && std::ranges::all_of(rest, IsUrlCharacter);
  }
  return false;
}

}  // namespace

common::Result<ServeOptions> ReadServeOptions(const Arguments& arguments) {
  ServeOptions options;
  if (arguments.Has("--listen")) {
    const auto listen = common::config::ParseAddress(arguments.Text("--listen"));
    if (!listen) return Reject("--listen must be an address such as 127.0.0.1:8088 or [::1]:0");
    options.listen = *listen;
  }
  if (arguments.Has("--grafana")) {
    options.grafana = arguments.Text("--grafana");
    if (!IsWebUrl(options.grafana)) {
      return Reject("--grafana must be a URL such as https://grafana.example.com");
    }
    while (options.grafana.ends_with('/')) options.grafana.pop_back();
  }
  options.allows_redrive = arguments.Has("--allow-redrive");
  options.shows_bodies = arguments.Has("--show-bodies");
  return options;
}

std::string WarningOf(const common::config::Address& listen) {
  if (IsLoopback(listen.host)) return {};
  return "other machines may reach " + ToText(listen) +
         ", and nothing is encrypted: token, cookie and ids can be read on the way";
}

}  // namespace ctl
