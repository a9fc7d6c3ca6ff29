#pragma once

#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/fd.h"

namespace simulator {

/// The answer to one POST.
struct SenderReply {
  std::uint64_t id = 0;
  int status = 0;  ///< 0: no complete answer in time.
  std::chrono::steady_clock::time_point sent;
};

/// Sends many concurrent POSTs from one thread, on kept-alive connections. The cost of an answer
/// does not depend on the number of requests in flight.
///
/// Threads: one. The caller must have called curl_global_init.
class CurlSender {
 public:
  /// `authorization`: the header's value; empty: no header.
  CurlSender(const std::string& authorization, std::chrono::milliseconds timeout, int connections);

  /// `fields`: headers of this request alone, such as "Name: value".
  void Post(std::uint64_t id, const std::string& url, std::string body,
            const std::vector<std::string>& fields = {});
  /// Returns the replies so far. Waits for the first one until the deadline, or until `wake_fd` is
  /// readable.
  std::vector<SenderReply> Collect(common::Deadline deadline, int wake_fd);
  [[nodiscard]] std::size_t under_way() const { return under_way_; }

 private:
  struct EasyCleanup {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct MultiCleanup {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };
  struct ListCleanup {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  using FieldList = std::unique_ptr<curl_slist, ListCleanup>;
  struct Transfer;

  static int WatchSocket(CURL* easy, curl_socket_t socket, int what, void* self,
                         void* watched) noexcept;
  static int SetTimer(CURLM* multi, long milliseconds, void* self) noexcept;
  void WaitForSockets(common::Deadline deadline, int wake_fd);
  Transfer& IdleTransfer();
  std::vector<SenderReply> Finished();

  FieldList fields_;  ///< Of every request.
  std::chrono::milliseconds timeout_;
  common::Fd epoll_;
  int wake_fd_ = -1;  ///< Registered with epoll_.
  std::chrono::steady_clock::time_point timer_ = std::chrono::steady_clock::time_point::max();
  std::unique_ptr<CURLM, MultiCleanup> multi_;
  std::vector<std::unique_ptr<Transfer>> transfers_;
  std::vector<Transfer*> idle_;
  std::size_t under_way_ = 0;

 public:
  ~CurlSender();
  CurlSender(const CurlSender&) = delete;
  CurlSender& operator=(const CurlSender&) = delete;
};

}  // namespace simulator
