#include "consumer/http/socket_table.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>
#include <string>

#include "common/base/fd.h"
#include "common/curl/curl_global.h"

namespace consumer {
namespace {

void ShareItsPort(int socket) {
  constexpr int kOne = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &kOne, sizeof kOne);
}

/// A free port of loopback, which only sockets that share theirs can have, too.
class BoundPort {
 public:
  BoundPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    ShareItsPort(socket_.get());
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  [[nodiscard]] long port() const { return port_; }

 protected:
  common::Fd socket_;

 private:
  long port_ = 0;
};

/// Accepts connections, and never reads.
class Peer : public BoundPort {
 public:
  Peer() { EXPECT_EQ(::listen(socket_.get(), 4), 0); }
};

class SocketTableTest : public ::testing::Test {
 protected:
  struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  using Easy = std::unique_ptr<CURL, FreeEasy>;

  static int SharePort(void* /*self*/, curl_socket_t fd, curlsocktype /*purpose*/) noexcept {
    ShareItsPort(fd);
    return CURL_SOCKOPT_OK;
  }
  /// `local_port`: 0 for any.
  Easy Connect(const Peer& peer, long local_port = 0) {
    Easy easy(curl_easy_init());
    table.AttachTo(easy.get());
    curl_easy_setopt(easy.get(), CURLOPT_URL,
                     ("http://127.0.0.1:" + std::to_string(peer.port())).c_str());
    curl_easy_setopt(easy.get(), CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy.get(), CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_LOCALPORT, local_port);
    curl_easy_setopt(easy.get(), CURLOPT_SOCKOPTFUNCTION, &SharePort);
    EXPECT_EQ(curl_easy_perform(easy.get()), CURLE_OK);
    return easy;
  }
  static long LocalPort(const Easy& easy) {
    long port = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_LOCAL_PORT, &port);
    return port;
  }

  const common::CurlGlobal curl;
  SocketTable table;  // Outlives the handles of a test.
};

TEST_F(SocketTableTest, TellsConnectionsFromOneLocalPortToTwoPeersApart) {
  const Peer first;
  const Peer second;
  const BoundPort local;
  const long shared = local.port();
  const Easy to_first = Connect(first, shared);
  const Easy to_second = Connect(second, shared);
  ASSERT_EQ(LocalPort(to_first), shared);
  ASSERT_EQ(LocalPort(to_second), shared);
  const auto find = [&](const Peer& peer) {
    return table.Find({.peer = "127.0.0.1", .peer_port = peer.port(), .local_port = shared});
  };
  EXPECT_EQ(find(first), 1U);
  EXPECT_EQ(find(second), 2U) << "closing one must not close the other";
}

TEST_F(SocketTableTest, FindsNothingWithoutSuchAConnection) {
  const Peer peer;
  const Easy easy = Connect(peer);
  EXPECT_EQ(
      table.Find({.peer = "127.0.0.2", .peer_port = peer.port(), .local_port = LocalPort(easy)}),
      0U);
}

}  // namespace
}  // namespace consumer
