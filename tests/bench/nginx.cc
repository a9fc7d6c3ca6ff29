#include "tests/bench/nginx.h"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "tests/support/http_client.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

namespace bench {
namespace {

constexpr std::chrono::seconds kLimit(20);

std::string Configuration(const std::filesystem::path& directory, int processes, int port) {
  std::string yaml = "daemon off;\nworker_processes " + std::to_string(processes) + ";\npid " +
                     (directory / "pid").string() +
                     ";\nevents { worker_connections 2048; }\nhttp {\n  access_log off;\n"
                     "  keepalive_requests 1000000000;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    yaml += std::string("  ") + kind + "_temp_path " + (directory / kind).string() + ";\n";
  }
  return yaml + "  server {\n    listen 127.0.0.1:" + std::to_string(port) +
         ";\n    location / { return 200; }\n  }\n}\n";
}

}  // namespace

Nginx::Nginx(const std::filesystem::path& directory, int processes)
    : port_(*simulator::PortHold::Reserve("127.0.0.1", 0)) {
  std::filesystem::create_directories(directory);
  const auto file = directory / "nginx.conf";
  std::ofstream(file) << Configuration(directory, processes, port());
  const auto log = directory / "nginx.log";
  process_ = std::make_unique<tests::Process>(
      "/usr/sbin/nginx",
      std::vector<std::string>{"-e", "stderr", "-p", directory.string(), "-c", file.string()},
      tests::Process::Environment{}, tests::Process::Files{log, log});
  const auto is_decided = [&] { return HasAnswered() || !process_->IsRunning(); };
  if (!tests::WaitUntil(is_decided, kLimit) || !process_->IsRunning()) {
    throw std::runtime_error("nginx does not answer: " + process_->Describe());
  }
}

Nginx::~Nginx() { (void)process_->Terminate(kLimit); }

bool Nginx::HasAnswered() {
  const auto answer = tests::Post("http://127.0.0.1:" + std::to_string(port()) + "/", "{}");
  if (answer.status != 200) return false;
  answer_bytes_ = std::string("HTTP/1.1 200 OK\r\n\r\n").size() + answer.body.size();
  for (const auto& [name, value] : answer.fields) answer_bytes_ += name.size() + value.size() + 4;
  return true;
}

std::vector<pid_t> Nginx::Pids() const {
  const std::string master = std::to_string(process_->pid());
  std::vector<pid_t> pids{process_->pid()};
  std::istringstream workers(tests::ReadFile("/proc/" + master + "/task/" + master + "/children"));
  for (pid_t worker = 0; workers >> worker;) pids.push_back(worker);
  return pids;
}

}  // namespace bench
