#include "tests/component/consumer/http/raw_server.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace consumer {

struct TestCertificate::Keys {
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  ~Keys() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
};

namespace {

std::string WritePem(const std::function<void(std::FILE*)>& write) {
  char path[] = "/tmp/sluice-test-pem-XXXXXX";
  const int fd = mkstemp(path);
  if (fd < 0) throw std::runtime_error("mkstemp");
  std::FILE* file = fdopen(fd, "w");
  write(file);
  std::fclose(file);
  return path;
}

}  // namespace

TestCertificate::TestCertificate(const Content& content) : keys_(std::make_unique<Keys>()) {
  keys_->key = EVP_EC_gen("P-256");
  X509* certificate = keys_->certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), content.valid_from.count());
  X509_gmtime_adj(X509_getm_notAfter(certificate), content.valid_until.count());
  X509_set_pubkey(certificate, keys_->key);
  const char* const subject = content.issuer != nullptr ? "sluice test client" : "sluice test";
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(subject), -1, -1, 0);
  const Keys& issuer = content.issuer != nullptr ? *content.issuer->keys_ : *keys_;
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer.certificate));
  const auto extend = [&](int kind, const std::string& value) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  };
  extend(NID_subject_alt_name, content.names);
  if (content.is_authority) extend(NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(certificate, issuer.key, EVP_sha256());

  file_ = WritePem([&](std::FILE* file) { PEM_write_X509(file, certificate); });
  key_file_ = WritePem([&](std::FILE* file) {
    PEM_write_PrivateKey(file, keys_->key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

TestCertificate::~TestCertificate() {
  std::remove(file_.c_str());
  std::remove(key_file_.c_str());
}

/// Bytes to and from one client, with or without TLS. Blocks until the socket is shut down.
class RawServer::Connection {
 public:
  Connection(int fd, const TestCertificate* certificate,
             common::Guarded<std::string>& offered_protocols)
      : fd_(fd) {
    if (certificate == nullptr) return;
    context_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context_.get(), certificate->keys_->certificate);
    SSL_CTX_use_PrivateKey(context_.get(), certificate->keys_->key);
    SSL_CTX_set_alpn_select_cb(context_.get(), &Connection::Select, &offered_protocols);
    tls_.reset(SSL_new(context_.get()));
    SSL_set_fd(tls_.get(), fd);
    is_open_ = SSL_accept(tls_.get()) == 1;
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// False once the client is gone or the test is over.
  bool ReadInto(std::string& text) {
    if (!is_open_) return false;
    char bytes[4096];
    const ssize_t size =
        tls_ ? SSL_read(tls_.get(), bytes, sizeof bytes) : recv(fd_, bytes, sizeof bytes, 0);
    is_open_ = size > 0;
    if (is_open_) text.append(bytes, static_cast<std::size_t>(size));
    return is_open_;
  }
  void Write(std::string_view bytes) {
    while (!bytes.empty() && is_open_) {
      const ssize_t size = tls_
                               ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                               : send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      is_open_ = size > 0;
      if (is_open_) bytes.remove_prefix(static_cast<std::size_t>(size));
    }
  }
  [[nodiscard]] bool is_open() const { return is_open_; }

  /// Makes the connection end with a reset.
  void ForgetWhatIsUnsent() const {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  /// Waits until the client is gone, the test is over, or the time has passed.
  void WaitForEnd(std::chrono::milliseconds at_most) {
    pollfd polled{.fd = fd_, .events = POLLIN | POLLRDHUP, .revents = 0};
    if (poll(&polled, 1, static_cast<int>(at_most.count())) > 0) is_open_ = false;
  }

 private:
  /// Records the offered protocols and accepts none, which means HTTP/1.1.
  static int Select(SSL*, const unsigned char**, unsigned char*, const unsigned char* offered,
                    unsigned size, void* noted) {
    static_cast<common::Guarded<std::string>*>(noted)->With(
        [&](std::string& text) { text.assign(reinterpret_cast<const char*>(offered), size); });
    return SSL_TLSEXT_ERR_NOACK;
  }

  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* tls) const { SSL_free(tls); }
  };
  int fd_;
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> tls_;
  bool is_open_ = true;
};

RawServer::RawServer(Script script, const TestCertificate* certificate)
    : script_(std::move(script)), certificate_(certificate) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL.
  listener_ = common::Fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener_.get(), 512) != 0 ||
      getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no loopback socket");
  }
  port_ = ntohs(address.sin_port);
  accepting_ = std::jthread([this](const std::stop_token& stop) { Accept(stop); });
}

RawServer::~RawServer() = default;

std::string RawServer::Url(const std::string& path) const {
  return (certificate_ != nullptr ? "https" : "http") + std::string("://127.0.0.1:") +
         std::to_string(port_) + path;
}

void RawServer::Accept(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { shutdown(listener_.get(), SHUT_RDWR); });
  while (!stop.stop_requested()) {
    const int fd = accept(listener_.get(), nullptr, nullptr);
    if (fd < 0) continue;
    ++connections_;
    serving_.emplace_back([this, fd](const std::stop_token& its_stop) {
      const common::Fd owner(fd);
      const std::stop_callback its_wake(its_stop, [fd] { shutdown(fd, SHUT_RDWR); });
      Connection connection(fd, certificate_, offered_protocols_);
      Serve(connection);
    });
  }
}

void RawServer::Serve(Connection& connection) {
  std::string text;
  while (connection.ReadInto(text)) {
    const std::size_t head = text.find("\r\n\r\n");
    if (head == std::string::npos) continue;
    std::size_t size = head + 4;
    if (const std::size_t length = text.find("Content-Length: "); length < head) {
      size += std::stoul(text.substr(length + 16));
    }
    if (text.size() < size) continue;
    ++requests_;
    const Reply reply = script_(text.substr(0, size));
    text.erase(0, size);
    connection.Write(reply.bytes);
    if (reply.then == Then::kClose) return;
    if (reply.then == Then::kReset) return connection.ForgetWhatIsUnsent();
    while (reply.then == Then::kRepeatTail && connection.is_open()) connection.Write(reply.tail);
    for (std::size_t i = 0; reply.then == Then::kDripTail && connection.is_open(); ++i) {
      connection.Write(std::string_view(reply.tail).substr(i % reply.tail.size(), 1));
      connection.WaitForEnd(std::chrono::milliseconds(5));
    }
    if (reply.then == Then::kSayNothingMore) {
      std::string ignored;
      while (connection.ReadInto(ignored)) {
      }
    }
  }
}

std::string Answer(int status, const std::string& body, const std::string& fields) {
  return "HTTP/1.1 " + std::to_string(status) +
         " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + fields + "\r\n" + body;
}

}  // namespace consumer
