#pragma once

#include <curl/curl.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;

/// The answer to a GET, or to a POST that the handle is set up for. Throws unless it is 200.
[[nodiscard]] std::string Ask(CURL* easy, const std::string& url);

/// Fetches process and dossier of callbacks with nothing but libcurl's multi interface, reused easy
/// handles and connections. What is not 200 throws.
///
/// Threads: confined.
class BareFetches {
 public:
  struct Fetched {
    std::uint64_t number = 0;
    std::string process;  ///< The two answers.
    std::string dossier;
  };

  /// Asks for a token. `url` is that of assure-sim.
  BareFetches(const std::string& url, std::size_t concurrency);
  ~BareFetches();
  BareFetches(const BareFetches&) = delete;
  BareFetches& operator=(const BareFetches&) = delete;

  [[nodiscard]] bool HasRoom() const { return !idle_.empty(); }
  /// Precondition: HasRoom().
  void Start(std::uint64_t number, std::string_view dossier, std::string_view process);
  /// What is complete. Waits for something to happen on a connection or on `wake_fd`, unless
  /// something is complete already.
  [[nodiscard]] std::vector<Fetched> Await(std::chrono::milliseconds patience, int wake_fd = -1);

 private:
  struct Transfer {
    Easy easy{curl_easy_init()};
    std::string dossier_url;
    std::string body;
    Fetched fetched;
    bool is_process = true;
  };

  void Prepare(Transfer& transfer);
  void Ask(Transfer& transfer, const std::string& url);
  void Collect(std::vector<Fetched>& complete);

  const std::string base_;
  curl_slist* fields_ = nullptr;
  CURLM* const multi_;
  std::vector<Transfer> transfers_;
  std::vector<Transfer*> idle_;
};

}  // namespace bench
