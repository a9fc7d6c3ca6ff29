#pragma once

#include <string>
#include <string_view>

#include "common/http/message.h"

namespace common::http {

/// The head of an answer depends on these besides the answer itself.
struct RenderContext {
  bool close = false;
  bool http11 = true;  ///< The request's version: an HTTP/1.0 client is told that it is kept.
};

inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

/// Replaces `out` by status line and fields, blank line included.
void RenderHead(const Answer& answer, const RenderContext& context, std::string& out);

}  // namespace common::http
