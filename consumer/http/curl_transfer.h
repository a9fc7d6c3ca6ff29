#pragma once

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "consumer/fetch/http_transport.h"
#include "consumer/http/answer_room.h"
#include "consumer/http/socket_table.h"

namespace consumer {

struct CurlSettings;

/// One easy handle and what it works on. Used for one request after the other.
///
/// Lifetime: libcurl keeps its address while a request is under way; `room` and `sockets` must
///           outlive it.
class CurlTransfer {
 public:
  /// Errors: throws std::bad_alloc if libcurl has no memory.
  CurlTransfer(AnswerRoom& room, SocketTable& sockets);
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  void Prepare(HttpRequest request, const CurlSettings& settings);
  /// After Prepare(). Zero: of any age.
  void UseConnections(bool must_be_new, std::chrono::seconds max_age);
  /// Why a request that has ended with `code` must be made again, each at most once.
  enum class Repetition {
    kNone,
    kFresh,    ///< More had come on its connection than was asked for: on another one.
    kUncoded,  ///< The coding of the answer is none: take the body as it comes.
  };
  [[nodiscard]] Repetition WantedAgain(CURLcode code) const;
  /// Makes the handle, which is on no multi handle, ready for it, within the time that is left.
  void Repeat(Repetition repetition);

  /// After Prepare(): asks for a body without coding, and takes it as it comes.
  void AskUncoded();
  [[nodiscard]] bool is_uncoded() const { return is_uncoded_; }

  /// The room that the body takes is the caller's to return.
  [[nodiscard]] HttpReply Conclude(CURLcode code);
  /// Drops what has come so far.
  void Abandon();

  [[nodiscard]] CURL* easy() const { return easy_.get(); }
  /// Scheme, host and port.
  [[nodiscard]] const std::string& origin() const { return origin_; }
  [[nodiscard]] std::uint64_t request_id() const { return reply_.id; }
  [[nodiscard]] std::chrono::steady_clock::time_point started() const { return started_; }
  /// The local one of the connection that it has used last; 0: it never had one.
  [[nodiscard]] long port() const;

 private:
  /// Of the last head, but for its trailers.
  [[nodiscard]] std::optional<std::string> Field(const char* name) const;

  struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct FreeFields {
    void operator()(curl_slist* fields) const { curl_slist_free_all(fields); }
  };

  static std::size_t TakeHead(char* bytes, std::size_t one, std::size_t size, void* self) noexcept;
  static std::size_t Write(char* bytes, std::size_t one, std::size_t size, void* self) noexcept;
  static int Connecting(void* self, curl_socket_t socket, curlsocktype purpose) noexcept;
  static int AboutToSend(void* self, char* remote, char* local, int remote_port,
                         int local_port) noexcept;

  void AddField(const std::string& line);

  AnswerRoom& room_;
  SocketTable& sockets_;
  std::unique_ptr<CURL, FreeEasy> easy_;
  std::unique_ptr<curl_slist, FreeFields> fields_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::string request_body_;
  std::string origin_;
  std::chrono::milliseconds timeout_{};
  std::size_t max_response_ = 0;
  std::size_t head_size_ = 0;
  bool is_head_too_large_ = false;
  bool has_no_room_ = false;
  bool has_found_surplus_ = false;
  bool is_uncoded_ = false;
  std::uint64_t connection_ = 0;  ///< Of the socket table.
  std::chrono::steady_clock::time_point started_;
  HttpReply reply_;
};

}  // namespace consumer
