#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/base/guarded.h"
#include "common/http/server.h"
#include "common/http/service.h"

namespace tests {

/// An API that repeats, in every answer, whatever it was told and personal data beside. An answer
/// names the ids that were asked for. A resource is answered with the status that its last path
/// segment names ("status-404"), 200 for any other; the first request for a token with 500, the
/// second with 401, later ones with a token.
class EchoingApi final : public common::http::Service {
 public:
  explicit EchoingApi(std::string planted);

  [[nodiscard]] std::string Url(const std::string& path) const;
  /// Every Authorization that was offered.
  [[nodiscard]] std::string authorizations() const {
    return authorizations_.With([](const std::string& all) { return all; });
  }

  common::http::Admission Admit(const common::http::RequestHead& head) override;
  std::optional<common::http::Answer> Handle(const common::http::RequestHead& head,
                                             std::string_view body, std::uint32_t tag,
                                             const common::http::Ticket& ticket) override;
  common::http::Answer AnswerFault(common::http::Fault fault,
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
