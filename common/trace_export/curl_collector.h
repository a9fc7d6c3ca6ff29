#pragma once

#include <curl/curl.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/trace_export/collector.h"

namespace common::tracing {

/// A collector behind OTLP/HTTP.
///
/// Lifetime: a CurlGlobal must outlive it.
class CurlCollector final : public Collector {
 public:
  struct Options {
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string ca_file{};
    std::chrono::milliseconds timeout{10'000};
  };

  /// Errors: throws std::bad_alloc if libcurl has no memory.
  explicit CurlCollector(const Options& options);
  ~CurlCollector() override;
  CurlCollector(const CurlCollector&) = delete;
  CurlCollector& operator=(const CurlCollector&) = delete;

  CollectorReply Post(const std::string& body) override;
  void EndBy(Deadline deadline) override;

 private:
  struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct FreeMulti {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };
  struct FreeFields {
    void operator()(curl_slist* fields) const { curl_slist_free_all(fields); }
  };
  static std::size_t Write(char* bytes, std::size_t one, std::size_t size, void* body) noexcept;

  void AddField(const std::string& line);
  void Prepare(const std::string& body, std::string& answer);
  /// None: it was ended before there was an outcome.
  [[nodiscard]] std::optional<CURLcode> Perform();

  const Options options_;
  std::unique_ptr<curl_slist, FreeFields> fields_;
  // The order of destruction: the easy handle's connections belong to the multi handle.
  std::unique_ptr<CURLM, FreeMulti> multi_;
  std::unique_ptr<CURL, FreeEasy> easy_;
  std::atomic<Deadline::Clock::rep> end_by_;
};

}  // namespace common::tracing
