#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "common/base/fd.h"
#include "common/base/guarded.h"

namespace consumer {

/// A certificate for one test, self-signed unless it has an issuer.
class TestCertificate {
 public:
  struct Content {
    std::string names = "DNS:localhost,IP:127.0.0.1";
    std::chrono::seconds valid_from{-3600};  ///< Relative to now, like the end.
    std::chrono::seconds valid_until{3600};
    const TestCertificate* issuer = nullptr;  ///< An authority.
    bool is_authority = false;
  };

  TestCertificate() : TestCertificate(Content{}) {}
  explicit TestCertificate(const Content& content);
  ~TestCertificate();
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::string& key_file() const { return key_file_; }

 private:
  friend class RawServer;
  struct Keys;
  std::unique_ptr<Keys> keys_;
  std::string file_;
  std::string key_file_;
};

/// Sends exactly the bytes that a test wants, valid or not, on loopback.
class RawServer {
 public:
  enum class Then {
    kKeepOpen,
    kClose,
    kReset,  ///< Sent bytes may be lost.
    kSayNothingMore,
    kRepeatTail,  ///< While the client is connected.
    kDripTail,    ///< The same, a byte every few milliseconds.
  };
  struct Reply {
    std::string bytes;
    Then then = Then::kKeepOpen;
    std::string tail{};
  };
  /// Gets a whole request, head and body. Called on the connection's thread.
  using Script = std::function<Reply(const std::string& request)>;

  explicit RawServer(Script script, const TestCertificate* certificate = nullptr);
  ~RawServer();

  [[nodiscard]] std::string Url(const std::string& path) const;
  [[nodiscard]] int connections() const { return connections_; }
  [[nodiscard]] int requests() const { return requests_; }
  /// The protocols offered by the last TLS client, each with its length in front (RFC 7301).
  [[nodiscard]] std::string offered_protocols() const {
    return offered_protocols_.With([](const std::string& offered) { return offered; });
  }

 private:
  class Connection;

  void Accept(const std::stop_token& stop);
  void Serve(Connection& connection);

  Script script_;
  const TestCertificate* certificate_;
  common::Fd listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> requests_ = 0;
  common::Guarded<std::string> offered_protocols_;
  // Last: their destructors join the threads that use the members above; the accepting thread,
  // which starts the others, ends first.
  std::list<std::jthread> serving_;
  std::jthread accepting_;
};

/// A well-formed answer with a Content-Length.
std::string Answer(int status, const std::string& body, const std::string& fields = {});

}  // namespace consumer
