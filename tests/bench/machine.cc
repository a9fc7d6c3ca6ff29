#include "tests/bench/machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <cmath>
#include <ctime>
#include <regex>

#include "tests/bench/bench.h"
#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"

namespace bench {
namespace {

constexpr std::chrono::seconds kLimit(30);

/// The part of the text in the expression's parentheses; empty if there is none.
std::string Part(const std::string& text, const char* expression) {
  std::smatch found;
  return std::regex_search(text, found, std::regex(expression)) ? found[1].str() : std::string();
}

std::string Now() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%F %H:%M UTC", &utc)};
}

std::string Commit() {
  const auto git = tests::RunProgram(
      "/usr/bin/git", {"-C", tests::SourcePath(""), "describe", "--always", "--dirty"}, kLimit);
  return git.status == 0 ? Part(git.output, "(.*)\n") : "unknown";
}

std::string Memory() {
  const std::string kib = Part(tests::ReadFile("/proc/meminfo"), "MemTotal: *([0-9]+)");
  return std::to_string(std::lround(std::strtod(kib.c_str(), nullptr) / 1048576)) + " GiB";
}

/// "g++ 4:12.2.0-3, …", without packages that are not installed.
std::string Packages() {
  const auto listed = tests::RunProgram("/usr/bin/dpkg-query",
                                        {"-W", "-f", "${Package} ${Version}, ", "librdkafka1",
                                         "libcurl4", "libsqlite3-0", "nginx", "g++"},
                                        kLimit);
  return listed.output.substr(0, listed.output.rfind(','));
}

}  // namespace

std::string DescribeMachine(const Options& options) {
  utsname kernel{};
  ::uname(&kernel);
  const std::string cpu = Part(tests::ReadFile("/proc/cpuinfo"), "model name[^:]*: (.*)");
  const std::string load = Part(tests::ReadFile("/proc/loadavg"), "^(\\S+ \\S+ \\S+)");
  const std::string system = Part(tests::ReadFile("/etc/os-release"), "PRETTY_NAME=\"(.*)\"");
  const std::string kafka = Part(tests::ReadFile(tests::SourcePath("ops/kafka/pom.xml")),
                                 "<kafka.version>(.*)</kafka.version>");
  return "date: " + Now() + ", commit: " + Commit() +
         ", rounds: " + std::to_string(options.rounds) + " of " + Text(options.Seconds()) +
         " s\nmachine: " + std::to_string(::sysconf(_SC_NPROCESSORS_ONLN)) + " cores, " + cpu +
         ", " + Memory() + ", load before: " + load + "\nkernel: " + kernel.release + ", " +
         system + "\nversions: Kafka " + kafka + ", " + Packages() + "\n";
}

}  // namespace bench
