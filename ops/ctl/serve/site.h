#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "common/http/service.h"
#include "ops/ctl/serve/api_route.h"
#include "ops/ctl/serve/job_runner.h"
#include "ops/ctl/serve/page_file.h"
#include "ops/ctl/serve/same_origin.h"
#include "ops/ctl/serve/session.h"

namespace ctl {

/// The page and what it asks for. The checks of a request, in their order; the page's own files are
/// no exception:
///
///   403  a foreign Host, Origin or Sec-Fetch-Site
///   303  GET /?token=…: the token buys the cookie, once
///   401  without the cookie
///   404  no such path
///   405  another method
///   403  what an option would have to allow
///   415  a POST that is not JSON
///   400  an unknown parameter
///   503  as many answers are being prepared as may, unless the route is immediate
class Site final : public common::http::Service {
 public:
  using Complete = std::function<void(const common::http::Ticket&, common::http::Answer)>;

  /// `complete`: of the server. The jobs must end before the site is destroyed.
  Site(SameOrigin origin, Session& session, std::vector<ApiRoute> routes, JobRunner& jobs,
       Complete complete);

  common::http::Admission Admit(const common::http::RequestHead& head) override;
  std::optional<common::http::Answer> Handle(const common::http::RequestHead& head,
                                             std::string_view body, std::uint32_t tag,
                                             const common::http::Ticket& ticket) override;
  /// Stops what the browser has asked for, unless it changes something: then it is done to its end.
  void Abandoned(const common::http::Ticket& ticket) override;
  common::http::Answer AnswerFault(common::http::HttpFault fault,
                                   std::optional<std::uint32_t> tag) override;

 private:
  [[nodiscard]] std::optional<common::http::Answer> RefuseStranger(
      const common::http::RequestHead& head) const;
  [[nodiscard]] common::http::Admission AdmitPath(const common::http::RequestHead& head) const;
  [[nodiscard]] static std::optional<common::http::Answer> RefuseRoute(
      const ApiRoute& route, const common::http::RequestHead& head);
  std::optional<common::http::Answer> StartAnswer(const ApiRoute& route, ApiRequest request,
                                                  const common::http::Ticket& ticket);

  SameOrigin origin_;
  Session& session_;
  std::vector<ApiRoute> routes_;
  JobRunner& jobs_;
  Complete complete_;
};

}  // namespace ctl
