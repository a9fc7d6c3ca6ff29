#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace consumer {

/// The sockets that libcurl has open. Allows closing a connection that libcurl would reuse, and
/// detecting a connection with surplus bytes. libcurl opens and closes every socket through Open()
/// and Close(), so a descriptor that it has closed is never touched.
///
/// Threads:  confined to the transport's.
/// Lifetime: must outlive the attached handles and their connections.
class SocketTable {
 public:
  SocketTable() = default;
  SocketTable(const SocketTable&) = delete;
  SocketTable& operator=(const SocketTable&) = delete;

  void AttachTo(CURL* easy);

  /// Connections to different peers may have the same local port.
  struct Ends {
    std::string peer;  ///< The address as text.
    long peer_port = 0;
    long local_port = 0;
    friend bool operator==(const Ends&, const Ends&) = default;
  };
  /// The connection with these ends, about to carry a request. 0: unknown.
  [[nodiscard]] std::uint64_t Find(const Ends& ends);
  /// True if bytes, or the end of the connection, have come since an HTTP/1 answer ended.
  [[nodiscard]] bool HasSurplus(std::uint64_t connection) const;
  /// Its answer ended. HTTP/2 may send bytes at any time.
  void Answered(std::uint64_t connection, bool is_http1);
  /// Shuts the connection down; libcurl notices before reusing it. Ignores unknown ones.
  void Shut(std::uint64_t connection) const;

 private:
  struct Socket {
    curl_socket_t fd = CURL_SOCKET_BAD;
    std::optional<Ends> ends = {};  ///< None: not looked up yet.
    bool must_be_quiet = false;
  };
  static curl_socket_t Open(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;
  static int Close(void* self, curl_socket_t fd) noexcept;

  std::map<std::uint64_t, Socket> sockets_;  ///< By a number that is never reused.
  std::uint64_t last_ = 0;
};

}  // namespace consumer
