#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/base/guarded.h"
#include "common/base/rfc3339.h"
#include "ops/simulator/assure_request.h"
#include "ops/simulator/behaviour.h"
#include "ops/simulator/tokens.h"

namespace simulator {

struct AssureApiOptions {
  std::uint64_t seed = 1;  ///< For random errors, missing ids and token seals.
  std::chrono::milliseconds token_lifetime{600'000};
  /// The client that the token endpoint accepts; both empty: any client that names itself.
  BasicCredentials client{};
};

struct ApiRequest {
  std::string_view method;
  std::string_view path;
  std::string_view authorization;
  std::string_view body;
};

struct ApiReply {
  Resource resource = Resource::kOther;
  int status = 200;
  std::string body{};
  std::string_view content_type = "application/json";  ///< A literal.
  std::vector<std::pair<std::string, std::string>> fields{};
  std::chrono::milliseconds latency{0};
  std::optional<std::chrono::seconds> retry_after{};  ///< Also in `fields`.
};

/// The simulated Assure API without sockets: maps a request to a reply.
///
/// Threads: any.
/// Time:    an argument.
class AssureApi {
 public:
  explicit AssureApi(AssureApiOptions options)
      : options_(std::move(options)), tokens_(options_.seed) {}

  [[nodiscard]] ApiReply Answer(const ApiRequest& request, common::WallTime now);

  void Set(const Behaviour& behaviour);
  [[nodiscard]] Behaviour behaviour() const;

 private:
  ApiReply AnswerToken(const ApiRequest& request, const Behaviour& behaviour, common::WallTime now);
  ApiReply AnswerResource(const ApiRequest& request, const Target& target,
                          const Behaviour& behaviour, common::WallTime now);
  /// The requested document, in the form that the behaviour demands.
  ApiReply Document(const Target& target, const Behaviour& behaviour, common::WallTime now);
  ApiReply Refuse(const ApiRequest& request, int status, std::string_view detail);
  ApiReply DeleteDossier(const Target& target);
  bool IsMissing(const std::string& id, const Behaviour& behaviour) const;
  bool IsDeleted(const std::string& dossier_id);
  bool IsPending(const std::string& process_id, std::chrono::milliseconds pending_for,
                 common::WallTime now);

  const AssureApiOptions options_;
  const Tokens tokens_;
  std::atomic<std::uint64_t> serial_{0};
  common::Guarded<std::shared_ptr<const Behaviour>> behaviour_{std::make_shared<Behaviour>()};
  common::Guarded<std::unordered_set<std::string>> deleted_;  ///< Dossiers.
  /// The first request of each process; filled only while pending_for is set.
  common::Guarded<std::unordered_map<std::string, common::WallTime>> first_asked_;
};

}  // namespace simulator
