#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <map>

namespace consumer {

/// The sockets that libcurl has open, so that a connection can be closed although libcurl would use
/// it again, and so that one on which more came than was asked for is recognised. libcurl opens and
/// closes every socket through Open() and Close(); a number that it has closed is never touched.
///
/// Threads:  confined to the transport's.
/// Lifetime: must outlive the handles that it is attached to, and their connections.
class SocketTable {
 public:
  SocketTable() = default;
  SocketTable(const SocketTable&) = delete;
  SocketTable& operator=(const SocketTable&) = delete;

  void AttachTo(CURL* easy);

  /// The connection with that local port, which is about to carry a request. 0: unknown.
  [[nodiscard]] std::uint64_t Find(long local_port);
  /// Whether something has come that nobody asked for, or the end, since an HTTP/1 answer ended.
  [[nodiscard]] bool HasSurplus(std::uint64_t connection) const;
  /// Its answer has ended. In HTTP/2 much may come at any time.
  void Answered(std::uint64_t connection, bool is_http1);
  /// Ends the connection; libcurl notices before it would use it again. Unknown ones are ignored.
  void Shut(std::uint64_t connection) const;

 private:
  struct Socket {
    curl_socket_t fd = CURL_SOCKET_BAD;
    long local_port = 0;  ///< 0: not asked for yet.
    bool must_be_quiet = false;
  };
  static curl_socket_t Open(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;
  static int Close(void* self, curl_socket_t fd) noexcept;

  std::map<std::uint64_t, Socket> sockets_;  ///< By a number that is never used again.
  std::uint64_t last_ = 0;
};

}  // namespace consumer
