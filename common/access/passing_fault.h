#pragma once

#include <string_view>

namespace common::access {

/// True if the words of libcurl, OpenSSL or librdkafka say that the peer went away or did not
/// answer in time. That may pass, and says nothing of the settings for certain.
[[nodiscard]] bool MayPass(std::string_view words);

}  // namespace common::access
