#include "tests/harness/broker.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "tests/harness/process.h"
#include "tests/support/wait_until.h"

namespace tests {
namespace {

constexpr std::chrono::seconds kStartLimit(200);
constexpr std::chrono::seconds kStopLimit(30);

void Must(const char* script, std::vector<std::string> arguments, std::chrono::seconds limit) {
  const auto finished = RunProgram(SourcePath(script), std::move(arguments), limit);
  if (finished.status != 0) {
    throw std::runtime_error(std::string(script) + " failed:\n" + finished.error_output);
  }
}

std::string ReadBootstrap(const std::filesystem::path& directory) {
  auto text = ReadFile(directory / "bootstrap");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (text.empty()) throw std::runtime_error("no broker runs in " + directory.string());
  return text;
}

/// True if every thread of the process is in state T.
bool IsStopped(pid_t pid) {
  const std::filesystem::path tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    const std::string stat = ReadFile(task.path() / "stat");
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos || stat.compare(name_end, 3, ") T") != 0) return false;
  }
  return true;
}

}  // namespace

const Broker& Broker::Shared() {
  static const std::unique_ptr<Broker> shared = [] {
    const char* fixture = std::getenv("SLUICE_TEST_KAFKA_DIR");  // NOLINT(concurrency-mt-unsafe)
    if (fixture == nullptr) return Start(1, {"broker.session.timeout.ms=60000"});
    return std::unique_ptr<Broker>(new Broker(fixture, ReadBootstrap(fixture), false));
  }();
  return *shared;
}

std::unique_ptr<Broker> Broker::Start(int nodes, const std::vector<std::string>& properties,
                                      const std::vector<std::string>& listeners) {
  auto directory = std::make_unique<TempDirectory>();
  std::vector<std::string> arguments = {"--nodes", std::to_string(nodes)};
  for (const std::string& property : properties) {
    arguments.insert(arguments.end(), {"--property", property});
  }
  for (const std::string& listener : listeners) {
    arguments.insert(arguments.end(), {"--listener", listener});
  }
  auto broker = StartAt(directory->path(), std::move(arguments));
  broker->own_directory_ = std::move(directory);
  return broker;
}

std::unique_ptr<Broker> Broker::StartIn(const std::filesystem::path& directory, int nodes) {
  return StartAt(directory, {"--fresh", "--nodes", std::to_string(nodes)});
}

std::unique_ptr<Broker> Broker::StartAt(const std::filesystem::path& directory,
                                        std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(),
                   {"--dir", directory.string(), "--owner", std::to_string(::getpid())});
  Must("ops/kafka/start", std::move(arguments), kStartLimit);
  return std::unique_ptr<Broker>(new Broker(directory, ReadBootstrap(directory), true));
}

Broker::Broker(std::filesystem::path directory, std::string bootstrap, bool is_owned)
    : directory_(std::move(directory)),
      bootstrap_(std::move(bootstrap)),
      is_owned_(is_owned),
      nodes_(1 + static_cast<int>(std::ranges::count(bootstrap_, ','))) {}

Broker::~Broker() {
  if (!is_owned_) return;
  (void)RunProgram(SourcePath("ops/kafka/stop"), {"--now", "--dir", directory_.string()},
                   kStopLimit);
}

std::string Broker::bootstrap(std::string_view listener) const {
  std::string addresses = ReadFile(directory_ / ("bootstrap." + std::string(listener)));
  while (!addresses.empty() && addresses.back() == '\n') addresses.pop_back();
  if (addresses.empty()) throw std::runtime_error("no listener of " + std::string(listener));
  std::ranges::replace(addresses, '\n', ',');
  return addresses;
}

pid_t Broker::pid(int node) const {
  const auto file = directory_ / ("node-" + std::to_string(node) + ".pid");
  const auto pid = std::atoi(ReadFile(file).c_str());
  if (pid <= 0) throw std::runtime_error("no pid in " + file.string());
  return pid;
}

void Broker::Kill(int node) { End(node, SIGKILL); }
void Broker::Stop(int node) { End(node, SIGTERM); }
void Broker::Freeze(int node) const {
  ::kill(pid(node), SIGSTOP);
  // The threads stop one by one.
  if (!WaitUntil([&] { return IsStopped(pid(node)); }, kStopLimit)) {
    throw std::runtime_error("node " + std::to_string(node) + " does not stop");
  }
}
void Broker::Thaw(int node) const { ::kill(pid(node), SIGCONT); }

void Broker::Restart(int node) { Restart(std::vector{node}); }

void Broker::Restart(const std::vector<int>& nodes) {
  std::vector<std::string> arguments = {"--dir", directory_.string()};
  for (const int node : nodes) {
    arguments.insert(arguments.end(), {"--node", std::to_string(node)});
  }
  Must("ops/kafka/start", std::move(arguments), kStartLimit);
}

std::unique_ptr<Process> Broker::BeginRestart(int node) const {
  return std::make_unique<Process>(
      SourcePath("ops/kafka/start"),
      std::vector<std::string>{"--dir", directory_.string(), "--node", std::to_string(node)});
}

void Broker::End(int node, int signal) const {
  const auto ended = pid(node);
  ::kill(ended, signal);
  // kill(pid, 0) would still succeed for a process that is not reaped.
  const auto command = "/proc/" + std::to_string(ended) + "/cmdline";
  if (!WaitUntil([&] { return ReadFile(command).empty(); }, kStopLimit)) {
    throw std::runtime_error("node " + std::to_string(node) + " does not stop");
  }
  std::filesystem::remove(directory_ / ("node-" + std::to_string(node) + ".pid"));
}

}  // namespace tests
