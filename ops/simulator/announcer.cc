#include "ops/simulator/announcer.h"

#include "common/json/expected_process.h"

namespace simulator {
namespace {

using common::Deadline;
using common::Remedy;

constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::milliseconds kPause{200};

common::Error Failed(Remedy remedy, const std::string& url, int status) {
  return {remedy, "announce",
          url + ": " + (status == 0 ? "no answer" : "status " + std::to_string(status))};
}

}  // namespace

common::Result<void> Announcer::Announce(const std::vector<SyntheticCallback>& callbacks,
                                         const common::Shutdown& shutdown) {
  std::string body;
  for (const SyntheticCallback& callback : callbacks) {
    body += common::json::WriteExpectedProcess(AnnouncementOf(callback)) + "\n";
  }
  if (body.empty()) return {};
  const Deadline end = Deadline::After(kPatience);
  while (true) {
    const int status = Post(body, shutdown);
    if (status == 200) return {};
    if (status >= 400 && status < 500) return Failed(Remedy::kReject, url_, status);
    if (end.HasPassed() || shutdown.IsRequested()) return Failed(Remedy::kRetry, url_, status);
    static_cast<void>(sender_.Collect(Deadline::After(kPause), shutdown.fd()));
  }
}

int Announcer::Post(const std::string& body, const common::Shutdown& shutdown) {
  sender_.Post(0, url_, body);
  // The sender's own timeout is shorter.
  const Deadline end = Deadline::After(timeout_ + std::chrono::seconds(1));
  while (sender_.under_way() > 0 && !end.HasPassed() && !shutdown.IsRequested()) {
    for (const SenderReply& reply : sender_.Collect(end, shutdown.fd())) return reply.status;
  }
  return 0;
}

}  // namespace simulator
