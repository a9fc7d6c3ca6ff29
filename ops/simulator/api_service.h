#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "common/http/service.h"
#include "ops/simulator/assure_api.h"
#include "ops/simulator/request_stats.h"

namespace simulator {

/// The simulated API behind one listener.
class ApiService : public common::http::Service {
 public:
  /// Answers a ticket after a delay.
  using AnswerLater = std::function<void(std::chrono::milliseconds, const common::http::Ticket&,
                                         common::http::Answer, Resource)>;

  /// All must outlive the service. `answer_later` must call RequestStats::Ended.
  ApiService(AssureApi& api, RequestStats& stats, AnswerLater answer_later)
      : api_(api), stats_(stats), answer_later_(std::move(answer_later)) {}

  common::http::Admission Admit(const common::http::RequestHead& head) override;
  std::optional<common::http::Answer> Handle(const common::http::RequestHead& head,
                                             std::string_view body, std::uint32_t tag,
                                             const common::http::Ticket& ticket) override;
  common::http::Answer AnswerFault(common::http::HttpFault fault,
                                   std::optional<std::uint32_t> tag) override;

 private:
  AssureApi& api_;
  RequestStats& stats_;
  AnswerLater answer_later_;
};

}  // namespace simulator
