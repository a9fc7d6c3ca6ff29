#include "consumer/preflight/preflight.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "common/base/deadline.h"
#include "common/curl/curl_global.h"
#include "common/preflight/descriptors.h"
#include "common/preflight/kafka_look.h"
#include "common/preflight/kafka_sight.h"
#include "consumer/fetch/answer.h"
#include "consumer/fetch/assure_requests.h"
#include "consumer/http/curl_transport.h"
#include "consumer/preflight/api_sight.h"
#include "consumer/preflight/needs.h"

namespace consumer {
namespace {

using common::Deadline;
using common::preflight::KafkaNeeds;
using common::preflight::Report;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kLimit{25};
constexpr milliseconds kLongestRequest{10'000};

/// Makes one request. The request's timeout bounds it; the margin is for a transport that hangs.
TimedReply Ask(CurlTransport& transport, HttpRequest request) {
  const Deadline deadline = Deadline::After(request.timeout + seconds(1));
  const std::uint64_t id = request.id;
  transport.Start(std::move(request));
  while (!deadline.HasPassed()) {
    transport.Wait({}, deadline.Remaining());
    for (HttpReply& reply : transport.Collect()) return {std::move(reply), common::WallNow()};
  }
  transport.Cancel(id);
  HttpReply none;
  none.fault = TransportFault::kTimeout;
  none.error = "no answer in time";
  return {std::move(none), common::WallNow()};
}

ApiSight LookAtApi(const Config& config, AccountIndex account) {
  constexpr const char* kNobody = "00000000-0000-0000-0000-000000000000";
  const common::config::Account& own = config.accounts.at(account);
  FetchSettings settings = SettingsOf(config, account);
  settings.timeout = std::min(settings.timeout, kLongestRequest);
  const AssureRequests requests(settings);
  const FetchJob job{.dossier = common::DossierId(kNobody), .process = common::ProcessId(kNobody)};

  CurlTransport transport({.ca_file = own.client.ca_file});
  ApiSight sight{.section = account == kAssureAccount ? own.name : "accounts." + own.name,
                 .token_url = settings.token_url,
                 .url = settings.base_url,
                 .resource = settings.wants_process ? Resource::kProcess : Resource::kDossier,
                 .job = job,
                 .ids = settings.ids};
  sight.token = Ask(transport, requests.Token(1));
  const TokenAnswer token = ReadToken(sight.token.reply);
  sight.has_token = token.token.has_value();
  if (!sight.has_token) return sight;
  const std::string& access = token.token->access_token;
  HttpRequest request =
      settings.wants_process ? requests.Process(2, job, access) : requests.Dossier(2, job, access);
  sight.url = request.url;
  sight.answer = Ask(transport, std::move(request));
  return sight;
}

/// Asks with each account, side by side. The findings of several name them.
void JudgeAccounts(const Config& config, Report& report) {
  if (config.accounts.size() <= 1) return JudgeApi(LookAtApi(config, kAssureAccount), report);
  std::vector<std::future<ApiSight>> sights;
  for (AccountIndex account = 0; account < config.accounts.size(); ++account) {
    sights.push_back(std::async(std::launch::async, LookAtApi, std::cref(config), account));
  }
  for (AccountIndex account = 0; account < config.accounts.size(); ++account) {
    Report own;
    JudgeApi(sights[account].get(), own);
    report.AppendOf("account " + config.accounts[account].name, own);
  }
}

}  // namespace

Report RunPreflight(const Config& config, const common::Logger& log) {
  const common::CurlGlobal curl;  // Before there are other threads.
  const KafkaNeeds needs = NeedsOf(config);
  auto kafka = std::async(std::launch::async, [&] {
    return common::preflight::LookAtKafka(needs, log, Deadline::After(kLimit));
  });
  Report report;
  JudgeAccounts(config, report);
  const common::preflight::KafkaSight sight = kafka.get();
  common::preflight::JudgeKafka(needs, sight, common::WallNow(), report);
  const auto limits = common::preflight::ReadDescriptorLimits();
  common::preflight::JudgeDescriptors(
      limits ? std::optional(limits->soft) : std::nullopt,
      DescriptorsNeeded(config, sight.facts ? sight.facts->brokers : 0),
      "fetch.max_in_flight and lanes", report);
  return report;
}

}  // namespace consumer
