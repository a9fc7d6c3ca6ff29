#include "ops/ctl/serve/api.h"

#include <algorithm>
#include <map>
#include <memory>
#include <sstream>
#include <utility>

#include "common/config/units.h"
#include "common/domain/dead_letter.h"
#include "common/json/object_writer.h"
#include "ops/ctl/dead/dead_filter.h"
#include "ops/ctl/dead/dead_newest.h"
#include "ops/ctl/dead/dead_record.h"
#include "ops/ctl/dead/dead_redrive.h"
#include "ops/ctl/dead/dead_topic.h"
#include "ops/ctl/instances/instances.h"
#include "ops/ctl/providers/providers.h"
#include "ops/ctl/serve/abridged.h"
#include "ops/ctl/serve/rehearsed_redrive.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/status/status_reading.h"
#include "ops/ctl/status/status_report.h"
#include "ops/ctl/trace/trace_answer.h"

namespace ctl {
namespace {

using common::Result;
using common::json::ObjectWriter;
using common::json::Quote;

constexpr std::size_t kMostLetters = 200;

/// The streams of a command that prints nothing but its answer.
struct Silence {
  std::ostringstream out;
  std::ostringstream err;
  Output output{.out = out, .err = err, .is_json = true};
};

std::string Quoted(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  quoted.reserve(texts.size());
  for (const std::string& text : texts) quoted.push_back(Quote(text));
  return RenderArray(quoted);
}

/// Reads the facts that the page shows, with the commands' code.
class Api {
 public:
  explicit Api(ApiOptions options) : options_(std::move(options)) {}

  [[nodiscard]] bool allows_redrive() const { return options_.allows_redrive; }

  Result<std::string> DescribePage() const {
    std::vector<std::string> reasons;
    reasons.reserve(common::kDeadReasons.size());
    for (const common::DeadReason reason : common::kDeadReasons) {
      reasons.emplace_back(common::ToText(reason));
    }
    std::vector<std::string> providers;
    providers.reserve(options_.settings.providers.rows().size());
    for (const common::ProviderRow& row : options_.settings.providers.rows()) {
      providers.push_back(row.name);
    }
    return ObjectWriter()
        .Text("version", SLUICE_VERSION)
        .Text("group", options_.settings.group)
        .Text("deadTopic", options_.settings.topics.dead)
        .Text("grafana", options_.grafana)
        .Bool("allowsRedrive", options_.allows_redrive)
        .Bool("showsBodies", options_.shows_bodies)
        .Raw("reasons", Quoted(reasons))
        .Raw("providers", Quoted(providers))
        .Finish();
  }

  Result<std::string> Trace(const ApiRequest& request, const std::stop_token& stop) const {
    const Arguments& query = request.query;
    Arguments::Options options;
    for (const char* name : {"--from", "--since", "--dossier"}) {
      if (query.Has(name)) options[name] = query.Text(name);
    }
    std::vector<std::string> operands;
    if (query.Has("--id")) operands.push_back(query.Text("--id"));
    const Result<TraceRequest> read =
        ReadTraceRequest(Arguments(std::move(options), std::move(operands)));
    if (!read) return read.error();
    Silence silence;
    Progress progress(silence.output, "trace");
    Result<TraceAnswer> answer =
        AnswerTrace(*read, options_.settings, options_.arguments, progress, stop);
    if (stop.stop_requested()) return TooLate();
    if (!answer) return answer.error();
    std::ranges::move(Abridge(answer->reports), std::back_inserter(answer->notes));
    std::vector<std::string> reports;
    reports.reserve(answer->reports.size());
    for (const TraceReport& report : answer->reports) {
      reports.push_back(RenderJson(report, options_.settings.topics));
    }
    return ObjectWriter()
        .Raw("reports", RenderArray(reports))
        .Raw("notes", Quoted(answer->notes))
        .Finish();
  }

  Result<std::string> Status(const std::stop_token& stop) const {
    const auto reader = StatusReader::Open(options_.settings);
    if (!reader) return reader.error();
    const StatusFacts facts =
        ReadStatus(*reader.value(), options_.settings, options_.arguments, kStatusPatience, stop);
    if (stop.stop_requested()) return TooLate();
    if (const auto error = WhyNothingIsKnown(facts)) return *error;
    return RenderStatusJson(facts, Judge(facts));
  }

  Result<std::string> ListLetters(const ApiRequest& request, const std::stop_token& stop) const {
    const Result<DeadFilter> filter = ReadDeadFilter(request.query);
    if (!filter) return filter.error();
    Silence silence;
    Progress progress(silence.output, "dead");
    Result<NewestLetters> letters =
        ReadNewestLetters(options_.settings, *filter, kMostLetters, progress, stop);
    if (stop.stop_requested()) return TooLate();
    if (!letters) return letters.error();
    return RenderJson(*std::move(letters));
  }

  Result<std::string> ShowLetter(const ApiRequest& request) const {
    const auto place = ParseRecordPosition(request.query.Text("--place"));
    if (!place) return Reject("`place` must be a PARTITION:OFFSET such as 3:17");
    const Result<DeadRecord> letter = ReadDeadLetter(options_.settings, *place);
    if (!letter) return letter.error();
    return RenderJson(*letter, options_.shows_bodies ? BodyShown::kYes : BodyShown::kNo);
  }

  Result<std::string> ListProviders() const {
    std::map<std::string, double> left;
    for (const InstanceFacts& instance : AskInstances(options_.arguments, options_.settings)) {
      for (const auto& [provider, seconds] : instance.attempts_left_seconds) {
        const auto known = left.try_emplace(provider, seconds).first;
        known->second = std::min(known->second, seconds);
      }
    }
    ObjectWriter seconds_left;
    for (const auto& [provider, seconds] : left) {
      seconds_left.Number(provider, static_cast<std::int64_t>(seconds));
    }
    return ObjectWriter()
        .Raw("providers", RenderProviders(options_.settings.providers))
        .Raw("secondsLeft", seconds_left.Finish())
        .Finish();
  }

  Result<std::string> RedriveLetters(const ApiRequest& request, const std::stop_token& stop) {
    return redrive_.Answer(request.body, stop);
  }

 private:
  const ApiOptions options_;
  RehearsedRedrive redrive_{
      [this](const RedriveOptions& options, Output& output, const std::stop_token& stop) {
        return Redrive(options_.settings, options, output, stop);
      }};
};

}  // namespace

std::vector<ApiRoute> ApiRoutes(ApiOptions options) {
  const auto api = std::make_shared<Api>(std::move(options));
  using Request = const ApiRequest&;
  using Stop = const std::stop_token&;
  return {{"GET",
           "/api/page",
           {},
           [api](Request, Stop) { return api->DescribePage(); },
           /*required_option=*/"",
           /*is_immediate=*/true},
          {"GET",
           "/api/trace",
           {"id", "dossier", "from", "since"},
           [api](Request request, Stop stop) { return api->Trace(request, stop); }},
          {"GET", "/api/status", {}, [api](Request, Stop stop) { return api->Status(stop); }},
          {"GET",
           "/api/dead",
           {"reason", "provider", "id", "from", "since", "to"},
           [api](Request request, Stop stop) { return api->ListLetters(request, stop); }},
          {"GET",
           "/api/letter",
           {"place"},
           [api](Request request, Stop) { return api->ShowLetter(request); }},
          {"GET", "/api/providers", {}, [api](Request, Stop) { return api->ListProviders(); }},
          {"POST",
           "/api/redrive",
           {},
           [api](Request request, Stop stop) { return api->RedriveLetters(request, stop); },
           api->allows_redrive() ? "" : "--allow-redrive"}};
}

}  // namespace ctl
