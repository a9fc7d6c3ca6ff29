#include "tests/harness/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "common/base/fd.h"
#include "tests/support/raw_client.h"
#include "tests/support/wait_until.h"

namespace tests {
namespace {

using std::chrono::seconds;
using Replacements = std::vector<std::pair<std::string, std::string>>;

/// A file of ops/proxy with replacements applied.
std::string Adapted(const std::string& file, const Replacements& replacements) {
  std::string text = ReadFile(SourcePath("ops/proxy/" + file));
  for (const auto& [from, to] : replacements) {
    const std::size_t at = text.find(from);
    if (at == std::string::npos || text.find(from, at + 1) != std::string::npos) {
      throw std::runtime_error("ops/proxy/" + file + " must contain exactly once: " + from);
    }
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string Milliseconds(int count) { return std::to_string(count) + "ms"; }

std::string Local(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

bool HasIpv6() {
  const common::Fd probe(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  return ::bind(probe.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

void WriteCertificate(const std::filesystem::path& directory) {
  const auto made = RunProgram(
      "/usr/bin/openssl",
      {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
       "-days", "2", "-subj", "/CN=localhost", "-keyout", (directory / "key.pem").string(), "-out",
       (directory / "certificate.pem").string()},
      seconds(30));
  if (made.status != 0) throw std::runtime_error("no certificate: " + made.error_output);
}

}  // namespace

std::string NameOf(ProxyKind kind) { return kind == ProxyKind::kNginx ? "nginx" : "haproxy"; }

std::uint16_t FreePort() {
  const common::Fd probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(probe.get(), reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(probe.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

Proxy::Proxy(ProxyKind kind, const std::vector<Instance>& instances, const Options& options)
    : kind_(kind), instances_(instances), options_(options), listens_on_ipv6_(HasIpv6()) {
  WriteCertificate(directory_.path());
  // Another process may bind a port before the proxy does.
  for (int attempt = 0; attempt < 5; ++attempt) {
    if (Start()) return;
  }
  throw std::runtime_error(process_->Describe() + ReadFile(directory_.path() / "start.log"));
}

void Proxy::Reload(int requests_of_an_address, int connections_of_an_address) {
  options_.requests_of_an_address = requests_of_an_address;
  options_.connections_of_an_address = connections_of_an_address;
  WriteHaproxy();
  // A master that has just started its worker re-executes itself and ignores signals meanwhile.
  const auto is_heard = [&] {
    process_->Signal(SIGUSR2);
    return process_->WaitForOutput("Reloading HAProxy", std::chrono::milliseconds(500));
  };
  if (!WaitUntil(is_heard, seconds(20))) throw std::runtime_error(process_->Describe());
}

bool Proxy::Start() {
  port_ = FreePort();
  told_port_ = FreePort();
  tls_port_ = FreePort();
  if (kind_ == ProxyKind::kNginx) {
    WriteNginx();
    const std::string root = directory_.path().string();
    // Sockets left by a previous attempt.
    for (const char* socket : {"/plain.sock", "/tls.sock"}) std::filesystem::remove(root + socket);
    process_ = std::make_unique<Process>(
        "/usr/sbin/nginx", std::vector<std::string>{"-p", root, "-c", root + "/nginx.conf", "-e",
                                                    root + "/start.log"});
  } else {
    WriteHaproxy();
    process_ = std::make_unique<Process>(
        "/usr/sbin/haproxy",
        std::vector<std::string>{options_.has_master ? "-W" : "-db", "-f",
                                 (directory_.path() / "haproxy.cfg").string()});
  }
  return WaitUntil([&] { return !process_->IsRunning() || RawClient(port_).IsConnected(); },
                   seconds(20)) &&
         process_->IsRunning();
}

void Proxy::WriteNginx() {
  const std::string root = directory_.path().string();
  std::string servers;
  for (const Instance& instance : instances_) {
    servers += "server " + Local(instance.port) + " max_fails=0;\n";
  }
  const std::string tls = std::to_string(tls_port_);
  const std::string on_ipv6 = "listen [::1]:" + tls + " backlog=4096 ipv6only=on;";
  const std::string pass = "    proxy_pass unix:" + root + "/plain.sock;\n  }\n  ";
  const std::string plain_servers = "  server {\n    listen " + Local(port_) + " backlog=4096;\n" +
                                    pass + "server {\n    listen " + Local(told_port_) +
                                    " proxy_protocol;\n    set_real_ip_from 127.0.0.1;\n" + pass;
  const std::string errors = root + "/sluice-error.log";
  directory_.Write(
      "sluice-stream.conf",
      Adapted(
          "nginx-stream.conf",
          {{"  server {\n    listen 443 backlog=4096;",
            plain_servers + "server {\n    listen " + Local(tls_port_) + " backlog=4096;"},
           {"listen [::]:443 backlog=4096 ipv6only=on;", listens_on_ipv6_ ? on_ipv6 : ""},
           {"unix:/run/sluice-nginx.sock", "unix:" + root + "/tls.sock"},
           {"limit_conn sluice_connections 5000",
            "limit_conn sluice_connections " + std::to_string(options_.connections_of_an_address)},
           {"/var/log/nginx/sluice-error.log", errors}}));
  directory_.Write(
      "sluice.conf",
      Adapted(
          "nginx.conf",
          {{"server 127.0.0.1:8080 max_fails=0;", servers},
           {"listen unix:/run/sluice-nginx.sock ssl proxy_protocol",
            "listen unix:" + root + "/plain.sock proxy_protocol default_server backlog=4096;\n" +
                "  listen unix:" + root + "/tls.sock ssl proxy_protocol"},
           {"/etc/nginx/sluice/certificate.pem", root + "/certificate.pem"},
           {"/etc/nginx/sluice/key.pem", root + "/key.pem"},
           {"/var/log/nginx/sluice.log", root + "/sluice.log"},
           {"/var/log/nginx/sluice-error.log", errors},
           {"client_header_timeout 5s",
            "client_header_timeout " + Milliseconds(options_.request_timeout_ms)},
           {"client_body_timeout 5s",
            "client_body_timeout " + Milliseconds(options_.request_timeout_ms)},
           {"limit_conn sluice_addresses 4000",
            "limit_conn sluice_addresses " + std::to_string(options_.requests_of_an_address)},
           {"proxy_read_timeout 8700ms", "proxy_read_timeout " + Milliseconds(kAnswerTimeoutMs)}}));
  std::string temporary;
  for (const char* what : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    temporary += std::string(what) + "_temp_path " + root + "/" + what + ";\n";
  }
  // A single process, so that killing it leaves nothing behind.
  directory_.Write("nginx.conf",
                   "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n"
                   "daemon off;\nmaster_process off;\nuser root;\npid " +
                       root + "/nginx.pid;\nevents { worker_connections " +
                       std::to_string(kConnections) + "; }\ninclude " + root +
                       "/sluice-stream.conf;\nhttp {\n" + temporary + "include " + root +
                       "/sluice.conf;\n}\n");
}

void Proxy::WriteHaproxy() {
  const std::string root = directory_.path().string();
  directory_.Write("sluice.pem", ReadFile(directory_.path() / "certificate.pem") +
                                     ReadFile(directory_.path() / "key.pem"));
  std::string servers;
  std::string unready;
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    const std::string name = "server ingest-" + std::to_string(i + 1);
    const std::string address = Local(instances_[i].port);
    servers += name + " " + address + " port " + std::to_string(instances_[i].admin_port) + "\n  ";
    unready += name + "-unready " + address + " backup no-check\n  ";
  }
  const std::string tls = std::to_string(tls_port_);
  directory_.Write(
      "haproxy.cfg",
      Adapted("haproxy.cfg",
              {{"maxconn 20000", "maxconn " + std::to_string(kConnections)},
               {"bind :443,[::]:443 v6only ssl crt /etc/haproxy/sluice.pem alpn http/1.1",
                "bind " + Local(port_) + "\n  bind " + Local(tls_port_) +
                    (listens_on_ipv6_ ? ",[::1]:" + tls + " v6only" : "") + " ssl crt " + root +
                    "/sluice.pem alpn http/1.1"},
               {"SLUICE_CONNECTIONS_ANSWERED 4200",
                "SLUICE_CONNECTIONS_ANSWERED " + std::to_string(options_.requests_of_an_address)},
               {"SLUICE_CONNECTIONS_TAKEN 5000",
                "SLUICE_CONNECTIONS_TAKEN " + std::to_string(options_.connections_of_an_address)},
               {"timeout http-request 5s",
                "timeout http-request " + Milliseconds(options_.request_timeout_ms)},
               {"timeout server 4400ms", "timeout server " + Milliseconds(kAnswerTimeoutMs)},
               {"set-timeout server 8700ms",
                "set-timeout server " + Milliseconds(4 * kAnswerTimeoutMs)},
               {"check inter 1s fall 2 rise 1", "check inter 100ms fall 2 rise 1"},
               {"server ingest-1 127.0.0.1:8080 port 9100", servers},
               {"server ingest-1-unready 127.0.0.1:8080 backup no-check", unready}}));
}

std::string Proxy::Log() {
  const std::string root = directory_.path().string();
  return process_->StandardOutput() + process_->StandardError() +
         ReadFile(directory_.path() / "sluice.log") +
         ReadFile(directory_.path() / "sluice-error.log") +
         ReadFile(directory_.path() / "start.log");
}

}  // namespace tests
