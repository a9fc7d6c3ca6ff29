#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "consumer/fetch/http_transport.h"
#include "tests/simulation/runtime/random.h"
#include "tests/simulation/runtime/runtime.h"

namespace simulation {

/// A model of the Assure API with its token endpoint: its answers, and its faults.
class AssureApi {
 public:
  explicit AssureApi(Random random) : random_(random) {}

  struct Faults {
    bool is_down = false;        ///< No connection to the API,
    bool is_token_down = false;  ///< or to the token endpoint.
    double error = 0;            ///< 500.
    double foreign = 0;          ///< Another person's document.
    double slow = 0;             ///< Up to 15 s, which is more than one attempt may take.
    double slow_answers = 0;     ///< Up to 4 s: callbacks are done in another order.
  };
  Faults faults;

  /// Processes of that ending are never found, refused, or answered with errors.
  static constexpr char kMissing = '7';
  static constexpr char kRefused = '8';
  /// Their documents are larger than the topic allows, if there are such.
  static constexpr char kBig = '9';
  bool has_big_documents = false;

  /// Until then the process is pending; others are finished.
  struct Finish {
    Time at{};
    std::string updated_at;  ///< The same, as the API writes it.
  };
  std::map<std::string, Finish> finishes;

  [[nodiscard]] consumer::HttpReply Answer(const consumer::HttpRequest& request, Time now);
  [[nodiscard]] Span Delay();

 private:
  Random random_;
};

/// libcurl's part, on the model API.
class ModelTransport final : public consumer::HttpTransport {
 public:
  /// Lifetime: all of them must outlive it.
  ModelTransport(Runtime& runtime, Host& host, AssureApi& api, std::function<void()> wake);
  ~ModelTransport() override;

  void Start(consumer::HttpRequest request) override;
  void Cancel(std::uint64_t id) override { under_way_.erase(id); }
  void CloseConnection(std::uint64_t /*connection*/) override {}
  std::vector<consumer::HttpReply> Collect() override;

 private:
  Runtime& runtime_;
  Host& host_;
  AssureApi& api_;
  std::function<void()> wake_;
  std::map<std::uint64_t, std::uint64_t> under_way_;  ///< Which start of that id counts.
  std::uint64_t starts_ = 0;
  std::vector<consumer::HttpReply> replies_;
  std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
};

}  // namespace simulation
