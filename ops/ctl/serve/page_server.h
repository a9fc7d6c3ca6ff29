#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/config/address.h"
#include "common/http/server.h"
#include "ops/ctl/serve/api_route.h"
#include "ops/ctl/serve/job_runner.h"
#include "ops/ctl/serve/session.h"
#include "ops/ctl/serve/site.h"

namespace ctl {

/// The page on its port. Owns its parts and ends them in order: the server uses the site, and so do
/// the jobs.
class PageServer {
 public:
  /// Binds the port. Errors: kStop if the address cannot be bound.
  static common::Result<std::unique_ptr<PageServer>> Open(const common::config::Address& listen,
                                                          std::vector<ApiRoute> routes);
  /// Closes every connection, then stops the jobs and waits for them.
  ~PageServer();
  PageServer(const PageServer&) = delete;
  PageServer& operator=(const PageServer&) = delete;

  /// Errors: those of Server::Serve().
  [[nodiscard]] common::Result<void> Serve() { return server_->Serve(site_); }

  /// Where a browser on this machine finds the page. Has the token.
  [[nodiscard]] std::string Url() const;

  /// Closes every connection and stops the jobs. False if one still runs at the deadline: then the
  /// process must exit without running destructors.
  [[nodiscard]] bool End(common::Deadline deadline);

 private:
  PageServer(common::config::Address listen, std::unique_ptr<common::http::Server> server,
             Session session, std::vector<ApiRoute> routes);

  common::config::Address listen_;
  std::unique_ptr<common::http::Server> server_;
  Session session_;
  JobRunner jobs_;
  Site site_;
};

}  // namespace ctl
