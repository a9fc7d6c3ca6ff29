#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "common/http/message.h"

namespace ctl {

/// A request of the page itself, unless a field says otherwise. A field without value is left out.
///
/// Lifetime: views of the arguments.
inline common::http::RequestHead Head(
    std::string_view method, std::string_view target,
    const std::vector<std::pair<std::string_view, std::string_view>>& fields = {}) {
  common::http::RequestHead head;
  head.method = method;
  head.target = target;
  head.path = target.substr(0, target.find('?'));
  bool has_host = false;
  for (const auto& [name, value] : fields) {
    has_host = has_host || name == "Host";
    if (!value.empty()) head.fields.push_back({name, value});
  }
  if (!has_host) head.fields.push_back({"Host", "127.0.0.1:8088"});
  return head;
}

}  // namespace ctl
