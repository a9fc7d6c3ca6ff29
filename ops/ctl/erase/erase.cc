#include "ops/ctl/erase/erase.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "common/base/deadline.h"
#include "common/domain/assure_request.h"
#include "common/domain/ids.h"
#include "common/runtime/shutdown.h"
#include "ops/ctl/erase/asked_account.h"
#include "ops/ctl/erase/assure_http.h"
#include "ops/ctl/erase/dossier_deletion.h"
#include "ops/ctl/erase/dossier_name.h"
#include "ops/ctl/erase/erase_report.h"
#include "ops/ctl/erase/naming_records.h"
#include "ops/ctl/erase/naming_spooled.h"
#include "ops/ctl/shell/accounts.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/progress.h"
#include "ops/ctl/shell/settings.h"

namespace ctl {
namespace {

using common::Result;
using std::chrono::milliseconds;

constexpr const char* kAboutKafka =
    "Kafka deletes whole segments and no single record: nobody can hasten these times for one "
    "dossier. They are for brokers that look every 5 minutes "
    "(log.retention.check.interval.ms) and are up";
constexpr const char* kAboutCopies =
    "mirrors, backups, logs, and whatever the programs that read the topics have stored are not "
    "in this report";
constexpr const char* kAboutLater =
    "this is what is there now: a callback that still waits, or comes later, adds records";
constexpr const char* kAboutGone =
    "a callback that still waits, or comes later, will find nothing at Signicat: it becomes a dead "
    "letter (gone), which names the dossier. Run this again later";

struct EraseRequest {
  std::string dossier;
  std::optional<common::WallTime> from;
  std::vector<std::string> spools;
  bool at_signicat = false;
  std::string account{};  ///< Empty: that of the rows.
};

std::vector<std::string> SplitPaths(const std::string& text) {
  std::vector<std::string> paths;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    if (end > begin) paths.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return paths;
}

Result<EraseRequest> ReadRequest(const Arguments& arguments) {
  const auto from = arguments.From(common::WallNow());
  if (!from) return from.error();
  EraseRequest request{.dossier = common::NormalizeId(arguments.Text("--dossier")),
                       .from = *from,
                       .spools = SplitPaths(arguments.Text("--spool")),
                       .at_signicat = arguments.Has("--at-signicat"),
                       .account = arguments.Text("--account")};
  if (request.dossier.empty()) return Reject("--dossier ID is required");
  if (arguments.Has("--spool") && request.spools.empty()) return Reject("--spool names no file");
  if (arguments.Has("--yes") && !request.at_signicat) {
    return Reject("--yes confirms --at-signicat, which is missing");
  }
  if (!request.account.empty() && !request.at_signicat) {
    return Reject("--account is for --at-signicat, which is missing");
  }
  if (request.at_signicat && !common::CanStandInUrl(request.dossier)) {
    return Reject("no URL can name the dossier " + request.dossier);
  }
  return request;
}

Result<void> Confirm(const Arguments& arguments, const EraseRequest& request, Output& output) {
  if (!request.at_signicat || arguments.Has("--yes")) return {};
  if (!output.is_terminal || ::isatty(STDIN_FILENO) != 1) {
    return Reject("--at-signicat deletes the dossier at Signicat for good: confirm it with --yes");
  }
  if (ConfirmDeletion(request.dossier, std::cin, output.err)) return {};
  return Reject("this is not the dossier's id: nothing was deleted");
}

DeletionReport DeleteAtSignicat(const common::AssureClient& client, const std::string& dossier,
                                const common::Shutdown& shutdown) {
  return DeleteDossier(
      client, common::DossierId(dossier),
      {.ask =
           [&](const common::AssureRequest& request) {
             if (shutdown.IsRequested()) return AssureReply{.error = "interrupted"};
             return AskAssure(request, client.ca_file);
           },
       .wait =
           [&](milliseconds time) { return !shutdown.WaitUntil(common::Deadline::After(time)); }});
}

bool IsGoneAtSignicat(const EraseReport& report) {
  return report.at_signicat && (report.at_signicat->outcome == DeletionOutcome::kDeleted ||
                                report.at_signicat->outcome == DeletionOutcome::kGone);
}

Result<int> Erase(const Arguments& arguments, Output& output) {
  const Result<EraseRequest> request = ReadRequest(arguments);
  if (!request) return request.error();
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();
  std::optional<common::config::Accounts> accounts;
  if (request->at_signicat) {
    if (arguments.Text("--config").empty()) {
      return Reject("--at-signicat needs --config FILE, a consumer.yaml");
    }
    auto read = ReadAccounts(arguments);
    if (!read) return read.error();
    accounts = *std::move(read);
    if (!request->account.empty()) {
      const auto known = ChooseAccount(*accounts, request->account, {});
      if (!known) return known.error();
    }
  }
  if (const auto confirmed = Confirm(arguments, *request, output); !confirmed) {
    return confirmed.error();
  }
  const common::Shutdown shutdown;  // Before the clients: it blocks signals in their threads.
  Progress progress(output, "erase");
  const DossierName dossier(request->dossier);
  auto found = FindNamingRecords(
      *settings, {.dossier = dossier, .from = request->from, .stop = shutdown.token()}, progress);
  progress.Clear();
  if (!found) return found.error();
  EraseReport report{.dossier = request->dossier,
                     .records = std::move(found->records),
                     .gaps = std::move(found->gaps),
                     .remarks = std::move(found->remarks)};
  for (const std::string& path : request->spools) {
    NamingSpooledCallbacks spooled =
        FindNamingSpooled(path, dossier, found->processes, settings->providers, shutdown.token());
    std::ranges::move(spooled.callbacks, std::back_inserter(report.spooled));
    std::ranges::move(spooled.gaps, std::back_inserter(report.gaps));
    std::ranges::move(spooled.remarks, std::back_inserter(report.remarks));
  }
  if (accounts && !shutdown.IsRequested()) {
    const auto account = ChooseAccount(*accounts, request->account, found->rows);
    if (!account) {
      report.gaps.push_back("nothing was deleted at Signicat: " + account.error().detail);
    } else {
      report.at_signicat = DeleteAtSignicat((*account)->client, request->dossier, shutdown);
      if (accounts->all.size() > 1) {
        report.remarks.push_back("at Signicat the account " + (*account)->name + " was asked");
      }
    }
  }
  if (!report.records.empty()) report.remarks.emplace_back(kAboutKafka);
  report.remarks.emplace_back(kAboutCopies);
  report.remarks.emplace_back(IsGoneAtSignicat(report) ? kAboutGone : kAboutLater);
  if (shutdown.IsRequested()) report.gaps.emplace_back("interrupted");
  output.out << (output.is_json ? RenderJson(report) : RenderText(report));
  return StatusOf(report);
}

}  // namespace

bool ConfirmDeletion(const std::string& id, std::istream& in, std::ostream& err) {
  err << "This deletes the dossier " << Printable(id)
      << " at Signicat, for good. Type its id to go on: " << std::flush;
  std::string line;
  return std::getline(in, line) && common::NormalizeId(line) == id;
}

std::vector<Command> EraseCommands() {
  return {
      {"erase",
       "reports each record on the topics that names a dossier, with the time at which it is gone\n"
       "at the latest, and deletes the dossier at Signicat if asked to. Removes nothing from "
       "Kafka\n"
       "or a spool. Status 0: all of it will be gone; 3: a record has no known end, or Signicat "
       "has\n"
       "not deleted it; 4: nothing names it; 1: something could not be read, or Signicat did not\n"
       "confirm it",
       {{"--dossier", "ID", "the dossierId"},
        {"--from", "TIME", "ignores records from before that time, default all"},
        SinceOption(),
        {"--spool", "PATH,PATH,…", "spool.path of each ingest.yaml; ingest may be running"},
        {"--at-signicat", "",
         "deletes the dossier at the Assure API, with the client of --config, a consumer.yaml"},
        {"--account", "NAME",
         "the account that deletes it; default: that of the providers that report about it"},
        {"--yes", "", "confirms --at-signicat; without it a terminal asks for the id"}},
       Erase}};
}

}  // namespace ctl
