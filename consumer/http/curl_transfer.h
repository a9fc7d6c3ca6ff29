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
#include "consumer/http/answer_budget.h"
#include "consumer/http/socket_table.h"

namespace consumer {

struct CurlSettings;

/// An easy handle and its buffers, reused for one request after another.
///
/// Lifetime: libcurl keeps its address while a request is in flight; `budget` and `sockets` must
///           outlive it.
class CurlTransfer {
 public:
  /// Errors: throws std::bad_alloc if libcurl has no memory.
  CurlTransfer(AnswerBudget& budget, SocketTable& sockets);
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  void Prepare(HttpRequest request, const CurlSettings& settings);
  /// Call after Prepare(). `max_age` zero: any age.
  void UseConnections(bool must_be_new, std::chrono::seconds max_age);
  /// Why a request that ended with `code` must be sent again; each reason at most once.
  enum class Repetition {
    kNone,
    kFresh,    ///< Its connection held surplus bytes: use another one.
    kUncoded,  ///< The answer's coding is invalid: accept the body undecoded.
  };
  [[nodiscard]] Repetition NeededRepetition(CURLcode code) const;
  /// Prepares the handle, which must be on no multi handle, for the repetition in the time left.
  void Repeat(Repetition repetition);

  /// After Prepare(): requests a body without coding and does not decode it.
  void AskUncoded();
  [[nodiscard]] bool is_uncoded() const { return is_uncoded_; }

  /// The caller must return the body's budget.
  [[nodiscard]] HttpReply Conclude(CURLcode code);
  /// Drops the partial answer.
  void Abandon();

  [[nodiscard]] CURL* easy() const { return easy_.get(); }
  /// Scheme, host and port.
  [[nodiscard]] const std::string& origin() const { return origin_; }
  [[nodiscard]] std::uint64_t request_id() const { return reply_.id; }
  [[nodiscard]] AccountIndex account() const { return reply_.account; }
  [[nodiscard]] std::chrono::steady_clock::time_point started() const { return started_; }
  /// The connection of the last request, in the socket table; 0: none yet.
  [[nodiscard]] std::uint64_t connection() const { return connection_; }

 private:
  /// A field of the last head, without trailers.
  [[nodiscard]] std::optional<std::string> Field(const char* name) const;

  struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct FreeFields {
    void operator()(curl_slist* fields) const { curl_slist_free_all(fields); }
  };

  static std::size_t ReceiveHead(char* bytes, std::size_t one, std::size_t size,
                                 void* self) noexcept;
  static std::size_t Write(char* bytes, std::size_t one, std::size_t size, void* self) noexcept;
  static int Connecting(void* self, curl_socket_t socket, curlsocktype purpose) noexcept;
  static int AboutToSend(void* self, char* remote, char* local, int remote_port,
                         int local_port) noexcept;

  void AddField(const std::string& line);

  AnswerBudget& budget_;
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
  std::uint64_t connection_ = 0;  ///< In the socket table.
  std::chrono::steady_clock::time_point started_;
  HttpReply reply_;
};

}  // namespace consumer
