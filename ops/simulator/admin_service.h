#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "common/http/service.h"
#include "ops/simulator/assure_api.h"
#include "ops/simulator/request_stats.h"

namespace simulator {

/// The simulator's admin port: GET and PUT /behaviour, GET and DELETE /stats, GET /livez.
class AdminService : public common::http::Service {
 public:
  /// Applies a behaviour, then answers the ticket.
  using Apply = std::function<void(const Behaviour&, const common::http::Ticket&)>;

  /// All must outlive the service.
  AdminService(const AssureApi& api, RequestStats& stats, Apply apply)
      : api_(api), stats_(stats), apply_(std::move(apply)) {}

  common::http::Admission Admit(const common::http::RequestHead& head) override;
  std::optional<common::http::Answer> Handle(const common::http::RequestHead& head,
                                             std::string_view body, std::uint32_t tag,
                                             const common::http::Ticket& ticket) override;
  common::http::Answer AnswerFault(common::http::HttpFault fault,
                                   std::optional<std::uint32_t> tag) override;

 private:
  const AssureApi& api_;
  RequestStats& stats_;
  Apply apply_;
};

}  // namespace simulator
