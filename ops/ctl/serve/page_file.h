#pragma once

#include <span>
#include <string_view>

namespace ctl {

/// A file of the page, as it stands in ops/ctl/serve/page.
struct PageFile {
  std::string_view path;  ///< In the URL: "/app.js".
  std::string_view content_type;
  std::string_view text;
};

/// All of them. The build makes the list: ops/cmake/EmbedPage.cmake.
[[nodiscard]] std::span<const PageFile> PageFiles();

}  // namespace ctl
