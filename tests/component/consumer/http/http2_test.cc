// HTTP/2 with an independent server: nginx.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/component/consumer/http/raw_server.h"
#include "tests/component/consumer/http/relay.h"
#include "tests/component/consumer/http/transport_fixture.h"
#include "tests/harness/process.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::HasSubstr;

bool IsListening(std::uint16_t port) {
  const common::Fd probe(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return connect(probe.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

std::uint16_t FreePort() {
  const common::Fd probe(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(probe.get(), reinterpret_cast<sockaddr*>(&address), size);
  getsockname(probe.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

/// nginx with TLS and HTTP/2. Its answers name the protocol and the number of the connection;
/// /large is a file of 1 MiB, /slow never ends.
class Nginx {
 public:
  explicit Nginx(int requests_per_connection) : requests_per_connection_(requests_per_connection) {
    // Another process may take the port before nginx does.
    for (int attempt = 0; attempt < 5; ++attempt) {
      port_ = FreePort();
      Start();
      if (IsUp()) return;
    }
    throw std::runtime_error(process_->Describe());
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const std::string& ca_file() const { return certificate_.file(); }
  void Restart() {
    process_->Kill();
    Start();
    if (!IsUp()) throw std::runtime_error(process_->Describe());
  }

 private:
  void Start() {
    const std::string root = directory_.path().string();
    directory_.Write("large", std::string(1024UL * 1024, 'x'));
    std::string paths;
    for (const char* what : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
      paths += std::string(what) + "_temp_path " + root + "/" + what + ";\n";
    }
    // One process, so that killing it leaves nothing behind.
    directory_.Write(
        "nginx.conf",
        "daemon off;\nmaster_process off;\nuser root;\npid " + root +
            "/nginx.pid;\nerror_log stderr;\nevents { worker_connections 512; }\nhttp {\n" + paths +
            "access_log off;\nserver {\nlisten 127.0.0.1:" + std::to_string(port_) +
            " ssl http2;\nssl_certificate " + certificate_.file() + ";\nssl_certificate_key " +
            certificate_.key_file() + ";\nkeepalive_requests " +
            std::to_string(requests_per_connection_) + ";\nlocation /large { root " + root +
            "; }\nlocation /slow { limit_rate 1; root " + root +
            "; try_files /large =404; }\n"
            "location / { return 200 '$server_protocol $connection'; }\n}\n}\n");
    process_ = std::make_unique<tests::Process>(
        "/usr/sbin/nginx",
        std::vector<std::string>{"-p", root, "-c", root + "/nginx.conf", "-e", "stderr"});
  }
  [[nodiscard]] bool IsUp() {
    return tests::WaitUntil([&] { return !process_->IsRunning() || IsListening(port_); }, 20s) &&
           process_->IsRunning();
  }

  int requests_per_connection_;
  TestCertificate certificate_;
  tests::TempDirectory directory_;
  std::uint16_t port_ = 0;
  std::unique_ptr<tests::Process> process_;
};

class Http2Test : public CurlTransportTest {
 protected:
  explicit Http2Test(int requests_per_connection = 1'000'000) : nginx(requests_per_connection) {}

  HttpRequest GetFrom(std::uint64_t id, std::uint16_t port, const std::string& path = "/") {
    return Get(id, "https://127.0.0.1:" + std::to_string(port) + path);
  }
  /// The connections that served these requests.
  [[nodiscard]] std::set<std::string> Connections() const {
    std::set<std::string> connections;
    for (const auto& [id, reply] : replies) connections.insert(reply.body);
    return connections;
  }

  Nginx nginx;
  CurlTransport trusting{CurlSettings{.ca_file = nginx.ca_file(), .connect_timeout = 10s}};
};

TEST_F(Http2Test, IsUsedAndConnectionsAreReused) {
  // As under the concurrency limit: eight at first, twice as many each round.
  std::uint64_t id = 0;
  for (std::size_t round = 8; round <= 64; round *= 2) {
    for (std::size_t i = 0; i < round; ++i) trusting.Start(GetFrom(++id, nginx.port()));
    Await(trusting, round);
  }
  for (const auto& [number, reply] : replies) {
    EXPECT_EQ(reply.status, 200) << number << reply.error;
  }
  EXPECT_THAT(Connections(), Each(HasSubstr("HTTP/2.0")));
  EXPECT_LE(Connections().size(), 64U) << "no more than concurrent requests";
}

TEST_F(Http2Test, EndsAnswerAtBoundWithoutDisturbingOthers) {
  for (std::uint64_t id = 1; id <= 20; ++id) {
    HttpRequest request = GetFrom(id, nginx.port(), "/large");
    if (id % 2 == 0) request.max_response = 100'000;
    trusting.Start(request);
  }
  Await(trusting, 20);
  for (const auto& [id, reply] : replies) {
    if (id % 2 == 0) {
      EXPECT_EQ(reply.fault, TransportFault::kTooLarge) << id << reply.error;
    } else {
      EXPECT_EQ(reply.body.size(), 1024UL * 1024) << id << reply.error;
    }
  }
}

TEST_F(Http2Test, EndsSlowAnswerAtTimeoutWithoutDisturbingOthers) {
  HttpRequest slow = GetFrom(1, nginx.port(), "/slow");
  slow.timeout = 500ms;
  trusting.Start(slow);
  for (std::uint64_t id = 2; id <= 10; ++id) trusting.Start(GetFrom(id, nginx.port()));
  Await(trusting, 10);
  EXPECT_EQ(replies[1].fault, TransportFault::kTimeout);
  for (std::uint64_t id = 2; id <= 10; ++id) EXPECT_EQ(replies[id].status, 200);
}

TEST_F(Http2Test, ReconnectsWhenServerIsGone) {
  trusting.Start(GetFrom(1, nginx.port()));
  Await(trusting, 1);
  nginx.Restart();
  trusting.Start(GetFrom(2, nginx.port()));
  Await(trusting, 1);
  EXPECT_EQ(replies[2].status, 200) << replies[2].error;
}

TEST_F(Http2Test, AbandonsSilentConnection) {
  Relay relay(nginx.port());
  trusting.Start(GetFrom(1, relay.port()));
  Await(trusting, 1);
  ASSERT_EQ(replies[1].status, 200) << replies[1].error;
  relay.Stall();

  // Requests keep coming, so that the connection is never idle.
  std::uint64_t id = 1;
  int answered = 0;
  const auto deadline = common::Deadline::After(20s);
  for (auto next = std::chrono::steady_clock::now(); answered < 20 && !deadline.HasPassed();) {
    if (std::chrono::steady_clock::now() >= next) {
      HttpRequest request = GetFrom(++id, relay.port());
      request.timeout = 600ms;
      trusting.Start(request);
      next += 50ms;
    }
    trusting.Wait({}, 10ms);
    for (const HttpReply& reply : trusting.Collect()) {
      answered = reply.status == 200 ? answered + 1 : 0;
    }
  }
  EXPECT_GE(answered, 20) << "in a row, " << id << " requests were made";
  EXPECT_LE(id, 250U);
}

class ServerThatLimitsRequestsPerConnection : public Http2Test {
 protected:
  ServerThatLimitsRequestsPerConnection() : Http2Test(10) {}
};

TEST_F(ServerThatLimitsRequestsPerConnection, LosesNoRequest) {
  for (std::uint64_t id = 1; id <= 300; ++id) {
    trusting.Start(GetFrom(id, nginx.port()));
    if (id % 15 == 0) Await(trusting, 15);
  }
  std::size_t failed = 0;
  for (const auto& [id, reply] : replies) failed += reply.status == 200 ? 0 : 1;
  EXPECT_EQ(failed, 0U);
  EXPECT_GE(Connections().size(), 30U) << "ten requests each";
}

}  // namespace
}  // namespace consumer
