#include "common/trace_export/curl_collector.h"

#include <algorithm>
#include <array>
#include <new>

namespace common::tracing {
namespace {

/// An answer says little: a count and a sentence.
constexpr std::size_t kMaxAnswer = 64UL * 1024;

}  // namespace

CurlCollector::CurlCollector(const Options& options)
    : options_(options),
      multi_(curl_multi_init()),
      easy_(curl_easy_init()),
      end_by_(Deadline::Clock::time_point::max().time_since_epoch().count()) {
  if (!multi_ || !easy_) throw std::bad_alloc();
  AddField("Content-Type: application/json");
  AddField("Expect:");  // Not "100-continue", for which libcurl would wait.
  for (const auto& [name, value] : options_.headers) {
    // libcurl sends an empty field only in this form.
    AddField(value.empty() ? name + ";" : std::string(name).append(": ").append(value));
  }
}

CurlCollector::~CurlCollector() = default;

void CurlCollector::AddField(const std::string& line) {
  curl_slist* longer = curl_slist_append(fields_.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  (void)fields_.release();  // `longer` starts with it now.
  fields_.reset(longer);
}

/// Accepts less than offered to end an answer over the bound: CURLE_WRITE_ERROR.
std::size_t CurlCollector::Write(char* bytes, std::size_t /*one*/, std::size_t size,
                                 void* body) noexcept {
  auto& answer = *static_cast<std::string*>(body);
  const std::size_t taken = std::min(size, kMaxAnswer - answer.size());
  answer.append(bytes, taken);
  return taken;
}

void CurlCollector::Prepare(const std::string& body, std::string& answer) {
  CURL* easy = easy_.get();
  curl_easy_reset(easy);
  curl_easy_setopt(easy, CURLOPT_URL, options_.url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields_.get());
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "sluice/" SLUICE_VERSION);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // Otherwise the end of a request waits for a resolver that does not answer.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &CurlCollector::Write);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);  // The headers are for this host alone.
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options_.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
    // Otherwise libcurl also trusts the system's certificates.
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
}

CollectorReply CurlCollector::Post(const std::string& body) {
  CollectorReply reply;
  reply.body.reserve(kMaxAnswer);  // Write(), which libcurl calls, must not throw.
  Prepare(body, reply.body);
  std::array<char, CURL_ERROR_SIZE> why{};
  curl_easy_setopt(easy_.get(), CURLOPT_ERRORBUFFER, why.data());
  const std::optional<CURLcode> code = Perform();
  // The status has told what became of the request. The rest of a long answer could not change it.
  const bool is_answered = code == CURLE_OK || code == CURLE_WRITE_ERROR;
  if (is_answered) {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    reply.status = static_cast<int>(status);
    curl_header* field = nullptr;
    if (curl_easy_header(easy_.get(), "Retry-After", 0, CURLH_HEADER, -1, &field) == CURLHE_OK) {
      reply.retry_after = field->value;
    }
  } else if (!code) {
    reply.error = "the program stops";
  } else {
    reply.error = why[0] != '\0' ? why.data() : curl_easy_strerror(*code);
  }
  // It must not outlive the buffer.
  curl_easy_setopt(easy_.get(), CURLOPT_ERRORBUFFER, nullptr);
  return reply;
}

std::optional<CURLcode> CurlCollector::Perform() {
  constexpr std::chrono::milliseconds kTurn{1'000};
  curl_multi_add_handle(multi_.get(), easy_.get());
  std::optional<CURLcode> outcome;
  while (true) {
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg == CURLMSG_DONE) outcome = message->data.result;
    }
    const Deadline end{Deadline::Clock::time_point(Deadline::Clock::duration(end_by_.load()))};
    if (outcome || running == 0 || end.HasPassed()) break;
    const auto wait = end.at() > Deadline::Clock::now() + kTurn ? kTurn : end.Remaining();
    curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(wait.count()), nullptr);
  }
  curl_multi_remove_handle(multi_.get(), easy_.get());
  return outcome;
}

void CurlCollector::EndBy(Deadline deadline) {
  end_by_ = deadline.at().time_since_epoch().count();
  curl_multi_wakeup(multi_.get());
}

}  // namespace common::tracing
