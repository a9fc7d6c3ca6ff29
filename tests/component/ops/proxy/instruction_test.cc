#include <gtest/gtest.h>

#include <chrono>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "tests/harness/process.h"
#include "tests/harness/proxy.h"
#include "tests/support/temp_directory.h"

// Follows the instructions at the top of nginx-stream.conf, on the configuration of nginx's
// package.
namespace tests {
namespace {

using std::chrono::seconds;

/// The directives that the comment at the top of the file names, one per line.
std::vector<std::string> DirectivesIn(const std::string& text) {
  const std::regex directive("#   ([^ ]+ [^ ]+;)");
  std::vector<std::string> directives;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line) && line.starts_with("#");) {
    std::smatch found;
    if (std::regex_match(line, found, directive)) directives.push_back(found[1]);
  }
  return directives;
}

void ReplaceAll(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

TEST(NginxInstruction, YieldsAConfigurationThatStarts) {
  std::string main = ReadFile("/etc/nginx/nginx.conf");
  if (main.empty()) GTEST_SKIP() << "no /etc/nginx/nginx.conf";
  const std::regex worker_connections("worker_connections [0-9]+;");
  const std::vector<std::string> directives =
      DirectivesIn(ReadFile(SourcePath("ops/proxy/nginx-stream.conf")));
  ASSERT_EQ(directives.size(), 3U);
  for (const std::string& directive : directives) {
    if (std::regex_match(directive, worker_connections)) {
      ASSERT_TRUE(std::regex_search(main, worker_connections)) << main;
      main = std::regex_replace(main, worker_connections, directive);
    } else {
      main += directive + "\n";
    }
  }
  // The files as adapted for a proxy running here, which reserves their ports.
  const Proxy proxy(ProxyKind::kNginx, {{FreePort(), 0}});
  const std::string adapted = proxy.directory().string();
  const TempDirectory directory;
  const std::string root = directory.path().string();
  ReplaceAll(main, "/etc/nginx/sluice-stream.conf", adapted + "/sluice-stream.conf");
  ReplaceAll(main, "/etc/nginx/conf.d/*.conf", adapted + "/sluice.conf");
  ReplaceAll(main, "/etc/nginx/sites-enabled/*", root + "/none/*");
  ReplaceAll(main, "/var/log/nginx/", root + "/");
  ReplaceAll(main, "/run/nginx.pid", root + "/nginx.pid");
  const std::string file = directory.Write("nginx.conf", main).string();
  const Finished tried =
      RunProgram("/usr/sbin/nginx", {"-t", "-c", file, "-e", root + "/start.log"}, seconds(30));
  EXPECT_EQ(tried.status, 0) << tried.error_output;
}

}  // namespace
}  // namespace tests
