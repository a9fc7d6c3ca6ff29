#pragma once

#include <string>
#include <string_view>

#include "common/base/error.h"
#include "common/http/message.h"
#include "ops/ctl/serve/page_file.h"

namespace ctl {

// Every answer has the headers that keep a browser from running, framing, sniffing, storing or
// sending on another site's content; see ops/docs/security.md.

[[nodiscard]] common::http::Answer WithoutBody(int status);
/// A sentence for a person.
[[nodiscard]] common::http::Answer SentenceAnswer(int status, std::string_view sentence);
[[nodiscard]] common::http::Answer JsonAnswer(std::string json);
/// {"error":"…"}: 400 for kReject, 503 for kRetry, else 502.
[[nodiscard]] common::http::Answer ErrorAnswer(const common::Error& error);
[[nodiscard]] common::http::Answer ErrorAnswer(int status, std::string_view sentence);
[[nodiscard]] common::http::Answer PageAnswer(const PageFile& file);
/// To "/", with the session's cookie.
[[nodiscard]] common::http::Answer WelcomeAnswer(std::string cookie);

}  // namespace ctl
