#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/domain/provider_rules.h"
#include "common/http/message.h"
#include "common/http/server.h"
#include "common/http/service.h"
#include "ingest/credentials.h"
#include "ingest/expected/expected_acceptance.h"
#include "ingest/expected/expected_events.h"

namespace ingest {

/// The answer to a request that has waited. Its note tells Answered() the situation, and how many
/// announcements were stored.
[[nodiscard]] common::http::Answer AnswerTo(const DecidedBatch& decided);

/// Answers announcements that wait in the HTTP server.
///
/// Threads:  any.
/// Lifetime: refers to the server.
class ExpectedServerResponses final : public ExpectedResponses {
 public:
  explicit ExpectedServerResponses(common::http::Server& server) : server_(server) {}

  void Answer(std::span<const DecidedBatch> decided) override;

 private:
  common::http::Server& server_;
};

/// The route POST <path> of announcements. Admit() decides on the head alone: method, then
/// authorization, then room. Its tag is 0. A body is read only if there is room for it.
class ExpectedEndpoint final : public common::http::Service {
 public:
  /// `is_busy`: whether callbacks are, or soon will be, refused for their number. Announcements are
  /// refused first.
  ExpectedEndpoint(std::string path, const common::ProviderTable& providers,
                   const CredentialStore& credentials, ExpectedAcceptance& acceptance,
                   ExpectedEvents& events, std::function<bool()> is_busy);

  /// With a slash at the end, or several at the beginning, as for callbacks.
  [[nodiscard]] bool IsAt(std::string_view path) const;

  common::http::Admission Admit(const common::http::RequestHead& head) override;
  bool MayHold(std::size_t held, std::size_t more, std::optional<std::uint32_t> tag) override;
  void Released(std::size_t bytes, std::optional<std::uint32_t> tag) override;
  void ReceptionEnded(std::uint32_t tag) override;
  std::optional<common::http::Answer> Handle(const common::http::RequestHead& head,
                                             std::string_view body, std::uint32_t tag,
                                             const common::http::Ticket& ticket) override;
  common::http::Answer AnswerFault(common::http::HttpFault fault,
                                   std::optional<std::uint32_t> tag) override;
  [[nodiscard]] int StatusOf(common::http::HttpFault fault,
                             std::optional<std::uint32_t> tag) const noexcept override;
  void Answered(const common::http::AnswerReport& report) override;

 private:
  std::optional<common::http::Answer> HandleBody(const common::http::RequestHead& head,
                                                 std::string_view body,
                                                 const common::http::Ticket& ticket);

  const std::string path_;
  const common::ProviderTable& providers_;
  const CredentialStore& credentials_;
  ExpectedAcceptance& acceptance_;
  ExpectedEvents& events_;
  const std::function<bool()> is_busy_;
};

}  // namespace ingest
