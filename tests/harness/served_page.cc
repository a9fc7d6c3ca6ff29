#include "tests/harness/served_page.h"

#include <chrono>
#include <stdexcept>
#include <utility>

#include "tests/support/wait_until.h"

namespace tests {
namespace {

std::vector<std::string> Behind(std::string command, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), std::move(command));
  return arguments;
}

}  // namespace

ServedPage::ServedPage(std::vector<std::string> arguments)
    : process_(Binary("sluicectl"), Behind("serve", std::move(arguments))) {
  constexpr std::chrono::seconds kLimit{60};
  const auto has_line = [this] { return process_.StandardOutput().ends_with('\n'); };
  if (!process_.WaitForOutput("/?token=", kLimit) || !WaitUntil(has_line, kLimit)) {
    throw std::runtime_error("sluicectl serves no page: " + process_.Describe());
  }
  url_ = process_.StandardOutput();
  url_.pop_back();
}

std::string ServedPage::LogIn() const {
  const std::string cookie = Get(url_).Field("Set-Cookie");
  return cookie.substr(0, cookie.find(';'));
}

}  // namespace tests
