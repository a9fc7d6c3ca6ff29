// usage: bench-fetches fetch URL COUNT CONCURRENCY
//        bench-fetches watch COUNT PID@ADMIN…
//
// fetch: fetches process and dossier of COUNT callbacks with a bare loop over libcurl's multi
// interface: CONCURRENCY requests at a time, with reused easy handles and connections. URL is that
// of assure-sim. Prints seconds and CPU-seconds.
//
// watch: waits until the consumers with these pids and admin addresses have counted COUNT
// callbacks. Prints callbacks, seconds and CPU-seconds since the first count above 0.
#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "ops/bench/measuring.h"
#include "ops/simulator/synthetic_callback.h"

namespace {

using bench::NumberOf;
using std::chrono::steady_clock;

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;

std::size_t Append(char* bytes, std::size_t, std::size_t size, void* body) {
  static_cast<std::string*>(body)->append(bytes, size);
  return size;
}

std::string Ask(CURL* easy, const std::string& url) {
  std::string body;
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Append);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
  const CURLcode code = curl_easy_perform(easy);
  if (code != CURLE_OK) throw std::runtime_error(url + ": " + curl_easy_strerror(code));
  return body;
}

std::string TokenOf(const std::string& url) {
  const Easy easy(curl_easy_init());
  curl_easy_setopt(easy.get(), CURLOPT_USERPWD, "bench:secret");
  curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, "grant_type=client_credentials");
  const std::string answer = Ask(easy.get(), url + "/auth/open/connect/token");
  constexpr std::string_view kName = R"("access_token":")";
  const std::size_t begin = answer.find(kName);
  if (begin == std::string::npos) throw std::runtime_error("no token");
  const std::size_t from = begin + kName.size();
  return answer.substr(from, answer.find('"', from) - from);
}

/// The work of one connection: a callback's process, then its dossier.
struct Transfer {
  Easy easy{curl_easy_init()};
  std::string dossier;
  bool is_process = true;
  std::string body;
};

class Fetches {
 public:
  Fetches(std::string url, std::uint64_t count)
      : base_(std::move(url) + "/assure/dossiers/"), count_(count) {
    const std::string token = TokenOf(base_.substr(0, base_.find("/assure/")));
    fields_ = curl_slist_append(nullptr, ("Authorization: Bearer " + token).c_str());
    fields_ = curl_slist_append(fields_, "Accept: application/json");
  }
  ~Fetches() { curl_slist_free_all(fields_); }
  Fetches(const Fetches&) = delete;
  Fetches& operator=(const Fetches&) = delete;

  void Run(std::size_t concurrency) {
    CURLM* const multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(concurrency));
    std::vector<Transfer> transfers(concurrency);
    for (Transfer& transfer : transfers) {
      Prepare(transfer);
      StartNext(multi, transfer);
    }
    while (done_ < count_ * 2) {
      int running = 0;
      curl_multi_perform(multi, &running);
      int queued = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi, &queued)) {
        if (message->msg == CURLMSG_DONE) Take(multi, message->easy_handle, message->data.result);
      }
      if (done_ < count_ * 2) curl_multi_poll(multi, nullptr, 0, 1'000, nullptr);
    }
    for (const Transfer& transfer : transfers) curl_multi_remove_handle(multi, transfer.easy.get());
    curl_multi_cleanup(multi);
  }

 private:
  void Prepare(Transfer& transfer) {
    CURL* const easy = transfer.easy.get();
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields_);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 10'000L);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Append);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer.body);
  }

  void StartNext(CURLM* multi, Transfer& transfer) {
    std::string url = base_;
    if (transfer.is_process) {
      if (started_ == count_) return;
      const auto fact = simulator::MakeCallback(*mix_, 1, started_++);
      transfer.dossier = fact.dossier_id;
      url.append(fact.dossier_id).append("/processes/").append(fact.process_id);
    } else {
      url.append(transfer.dossier);
    }
    transfer.body.clear();
    curl_easy_setopt(transfer.easy.get(), CURLOPT_URL, url.c_str());
    curl_multi_add_handle(multi, transfer.easy.get());
  }

  void Take(CURLM* multi, CURL* easy, CURLcode code) {
    long status = 0;
    Transfer* transfer = nullptr;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    if (code != CURLE_OK || status != 200 || transfer->body.empty()) {
      throw std::runtime_error("an answer is not 200");
    }
    curl_multi_remove_handle(multi, easy);
    ++done_;
    transfer->is_process = !transfer->is_process;
    StartNext(multi, *transfer);
  }

  const std::string base_;
  const std::uint64_t count_;
  const std::optional<simulator::ProviderMix> mix_ =
      simulator::ProviderMix::Parse("onfido:4,eid:3,readid:3,paper,connect");
  curl_slist* fields_ = nullptr;
  std::uint64_t started_ = 0;
  std::uint64_t done_ = 0;
};

int Fetch(const std::string& url, std::uint64_t count, std::size_t concurrency) {
  Fetches fetches(url, count);
  const auto start = steady_clock::now();
  const double cpu = bench::CpuSeconds();
  fetches.Run(concurrency);
  std::printf("%.6f %.6f\n", bench::SecondsSince(start), bench::CpuSeconds() - cpu);
  return 0;
}

std::uint64_t CountedIn(const std::string& metrics) {
  constexpr std::string_view kName = "\nsluice_consumer_callbacks_total{";
  std::uint64_t sum = 0;
  for (std::size_t at = metrics.find(kName); at != std::string::npos;
       at = metrics.find(kName, at + 1)) {
    const std::size_t end = metrics.find("} ", at);
    sum += static_cast<std::uint64_t>(std::strtod(metrics.c_str() + end + 2, nullptr));
  }
  return sum;
}

struct Instance {
  int pid = 0;
  std::string metrics;  ///< URL
};

Instance InstanceOf(const std::string& text) {
  const std::size_t at = text.find('@');
  if (at == std::string::npos) throw std::runtime_error(text + " is no PID@ADMIN");
  return {static_cast<int>(NumberOf(text.substr(0, at))),
          "http://" + text.substr(at + 1) + "/metrics"};
}

double CpuSecondsOf(const std::vector<Instance>& instances) {
  double sum = 0;
  for (const Instance& instance : instances) sum += bench::CpuSecondsOfProcess(instance.pid);
  return sum;
}

int Watch(std::uint64_t count, const std::vector<Instance>& instances) {
  constexpr std::chrono::milliseconds kEvery{50};
  const Easy easy(curl_easy_init());
  const auto begun = steady_clock::now();
  const auto await = [&](std::uint64_t least) {
    while (true) {
      std::uint64_t counted = 0;
      for (const Instance& instance : instances) {
        counted += CountedIn(Ask(easy.get(), instance.metrics));
      }
      if (counted >= least) return counted;
      if (bench::SecondsSince(begun) > 300) throw std::runtime_error("it takes more than 5 min");
      std::this_thread::sleep_for(kEvery);
    }
  };
  const std::uint64_t first = await(1);
  const double cpu = CpuSecondsOf(instances);
  const auto start = steady_clock::now();
  const std::uint64_t last = await(count);
  std::printf("%llu %.6f %.6f\n", static_cast<unsigned long long>(last - first),
              bench::SecondsSince(start), CpuSecondsOf(instances) - cpu);
  return last == count ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    const std::string_view command = argc > 2 ? argv[1] : "";
    if (command == "fetch" && argc == 5)
      return Fetch(argv[2], NumberOf(argv[3]), NumberOf(argv[4]));
    if (command == "watch" && argc > 3) {
      std::vector<Instance> instances;
      for (int i = 3; i < argc; ++i) instances.push_back(InstanceOf(argv[i]));
      return Watch(NumberOf(argv[2]), instances);
    }
    std::fputs("usage: bench-fetches fetch|watch …\n", stderr);
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-fetches: %s\n", error.what());
    return 1;
  }
}
