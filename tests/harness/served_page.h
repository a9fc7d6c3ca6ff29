#pragma once

#include <string>
#include <vector>

#include "tests/harness/process.h"
#include "tests/support/http_client.h"

namespace tests {

/// A running `sluicectl serve`.
///
/// Errors: throws if it prints no address.
class ServedPage {
 public:
  /// `arguments` behind `serve`.
  explicit ServedPage(std::vector<std::string> arguments);

  /// "http://127.0.0.1:PORT/?token=…", as it was printed.
  [[nodiscard]] const std::string& url() const { return url_; }
  /// "http://127.0.0.1:PORT".
  [[nodiscard]] std::string origin() const { return url_.substr(0, url_.find("/?")); }
  [[nodiscard]] Process& process() { return process_; }

  /// Exchanges the token. Returns the value for the field `Cookie`.
  [[nodiscard]] std::string LogIn() const;

 private:
  Process process_;
  std::string url_;
};

}  // namespace tests
