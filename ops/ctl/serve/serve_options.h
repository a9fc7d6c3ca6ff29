#pragma once

#include <string>

#include "common/base/result.h"
#include "common/config/address.h"
#include "ops/ctl/shell/arguments.h"

namespace ctl {

struct ServeOptions {
  common::config::Address listen{.host = "127.0.0.1", .port = 0};
  std::string grafana;  ///< Without a slash at the end; empty: unknown.
  bool allows_redrive = false;
  bool shows_bodies = false;
};

/// Errors: kReject for an address that is none, or a URL that is not an http or https one.
[[nodiscard]] common::Result<ServeOptions> ReadServeOptions(const Arguments& arguments);

/// A sentence for an address that other machines may reach; else empty.
[[nodiscard]] std::string WarningOf(const common::config::Address& listen);

}  // namespace ctl
