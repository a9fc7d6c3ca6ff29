#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/base/guarded.h"
#include "common/http/server.h"
#include "common/http/service.h"

namespace tests {

/// An API that repeats in every answer all that it was told, plus personal data. An answer names
/// the requested ids. The last path segment of a resource sets its status ("status-404"), else 200.
/// The first token request gets 500, the second 401, later ones a token.
class EchoingApi final : public common::http::Service {
 public:
  explicit EchoingApi(std::string planted);

  [[nodiscard]] std::string Url(const std::string& path) const;
  /// Every Authorization received.
  [[nodiscard]] std::string authorizations() const {
    return authorizations_.With([](const std::string& all) { return all; });
  }

  common::http::Admission Admit(const common::http::RequestHead& head) override;
  std::optional<common::http::Answer> Handle(const common::http::RequestHead& head,
                                             std::string_view body, std::uint32_t tag,
                                             const common::http::Ticket& ticket) override;
  common::http::Answer AnswerFault(common::http::HttpFault fault,
                                   std::optional<std::uint32_t> tag) override;

 private:
  common::http::Answer AnswerToken(const std::string& echo);

  const std::string planted_;
  common::Guarded<int> token_requests_;
  common::Guarded<std::string> authorizations_;
  // Last: its threads use the members above.
  std::unique_ptr<common::http::Server> server_;
};

}  // namespace tests
