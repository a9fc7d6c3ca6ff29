#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/domain/provider_rules.h"
#include "ingest/policy/answer.h"
#include "tests/component/ingest/support/running_ingest.h"
#include "tests/harness/proxy.h"
#include "tests/support/raw_client.h"
#include "tests/system/ingest/answer_table.h"

// Every valid request variant, through the shipped proxies: it gets the same answers as directly,
// and no penal status.
namespace tests {
namespace {

using ingest::Asking;
using ingest::Column;
using ingest::RequestVariant;
using ingest::Sender;
using std::chrono::seconds;

/// Has no broker, so an accepted callback gets its row's transient status.
ingest::RunningIngest::Options Options() {
  ingest::RunningIngest::Options options;
  options.more = "ack_deadline: 50ms\nmax_body: " + std::to_string(ingest::kMaxBody) + "\n";
  options.providers = "";
  for (const char* name :
       {"onfido", "eid", "readid", "paper", "connect", "webid", "pictureid", "unknown"}) {
    *options.providers +=
        "  " + std::string(name) + ": { authorization: [\"" + ingest::SecretOf(name) + "\"] }\n";
  }
  return options;
}

/// The statuses of all answers, except 100.
std::vector<int> StatusesOf(std::uint16_t port, const RequestVariant& variant,
                            const Sender& sender) {
  const Asking asking{.sender = sender,
                      .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                      .body = variant.body.value_or("{}")};
  RawClient client(port);
  const std::string request = variant.ask(asking);
  if (variant.delivery == ingest::Delivery::kByteByByte) {
    for (const char c : request) client.Send({&c, 1});
  } else {
    client.Send(request);
  }
  if (variant.delivery == ingest::Delivery::kThenEnd) client.HalfClose();
  const std::string expected = variant.expected[sender.column];
  const bool is_continued = expected.starts_with("100");
  if (is_continued) client.Send(asking.body);  // A waiting client eventually sends the body anyway.
  const auto answers = std::count(expected.begin(), expected.end(), ',') + (is_continued ? 0 : 1);
  std::vector<int> statuses;
  while (static_cast<std::ptrdiff_t>(statuses.size()) < answers) {
    const std::optional<RawAnswer> answer = client.Read(seconds(10));
    if (!answer) break;
    if (answer->status != 100) statuses.push_back(answer->status);
  }
  return statuses;
}

class ProxiedTableTest : public ::testing::TestWithParam<ProxyKind> {};

TEST_P(ProxiedTableTest, AnswersLikeIngestWithoutPenalStatuses) {
  const ingest::RunningIngest ingest(Options());
  const Proxy proxy(GetParam(), {{ingest.port(), ingest.admin_port()}});
  for (const RequestVariant& variant : ingest::AcceptedRequests()) {
    for (const Sender& sender : ingest::Senders()) {
      const bool is_alias = std::string_view(sender.name).find(' ') != std::string_view::npos;
      if (is_alias) continue;
      const auto directly = StatusesOf(ingest.port(), variant, sender);
      const auto behind = StatusesOf(proxy.port(), variant, sender);
      EXPECT_EQ(behind, directly) << variant.name << " of " << sender.name;
      const bool may_punish = sender.column == Column::kReadId || sender.column == Column::kUnknown;
      for (const int status : behind) {
        EXPECT_FALSE(may_punish && common::IsPenal(status))
            << status << " for " << variant.name << " of " << sender.name;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Proxies, ProxiedTableTest,
                         ::testing::Values(ProxyKind::kNginx, ProxyKind::kHaproxy),
                         [](const auto& kind) { return NameOf(kind.param); });

}  // namespace
}  // namespace tests
