#include "ops/ctl/spool/spool.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "common/base/text.h"
#include "common/json/object_writer.h"
#include "ingest/spool/refused_callbacks.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/spool/drop_record.h"
#include "ops/ctl/spool/recovery.h"

namespace ctl {
namespace {

using common::Error;
using common::Result;
using ingest::RefusedCallback;
using ingest::RefusedCallbacks;

/// Ingest holds the lock only while it writes; a slow disk makes that longer.
constexpr std::chrono::seconds kPatience{5};

Error Stop(std::string_view code, std::string detail) {
  return {common::Remedy::kStop, code, std::move(detail)};
}

/// True if the file looks like a spool, which may have no refused callbacks yet. Checks the first
/// bytes only, since ingest keeps the spool locked.
bool MayBeSpool(const std::string& path) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  std::string start(kMagic.size(), '\0');
  std::ifstream file(path, std::ios::binary);
  if (!file) return false;
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  return file.gcount() == 0 || start == kMagic;
}

/// The refused callbacks beside the spool of --path. --path may also name their own file, which is
/// the name in the log.
Result<RefusedCallbacks> FileOf(const Arguments& arguments) {
  const std::string path = arguments.Text("--path");
  if (path.empty()) return Reject("--path FILE is required: spool.path of ingest.yaml");
  std::error_code error;
  const std::string beside = RefusedCallbacks::PathBeside(path);
  if (std::filesystem::exists(beside, error)) return RefusedCallbacks(beside, {}, kPatience);
  if (error) return Stop("cannot_open", "cannot look at " + beside + ": " + error.message());
  if (!std::filesystem::exists(path, error)) return Stop("no_file", "there is no file " + path);
  if (path.ends_with(RefusedCallbacks::PathBeside(""))) {
    return RefusedCallbacks(path, {}, kPatience);
  }
  if (!MayBeSpool(path)) return Stop("cannot_open", path + " is not a readable spool");
  return RefusedCallbacks(beside, {}, kPatience);
}

/// Adds the name of the file to an error.
Error Of(const RefusedCallbacks& file, const Error& error) {
  return {error.remedy, error.code, file.path() + ": " + error.detail};
}

std::optional<std::string> IdOf(const Arguments& arguments) {
  return arguments.Has("--id") ? std::optional(arguments.Text("--id")) : std::nullopt;
}

Error NotFound(const std::string& id) {
  return Stop("not_found", "no refused callback has the request id " + Printable(id));
}

/// Adds the exact bytes. A value that is not UTF-8 is written in hex, under NAMEHex.
void AddExact(common::json::ObjectWriter& writer, const std::string& name,
              const std::string& value) {
  if (IsUtf8(value)) {
    writer.Text(name, value);
  } else {
    writer.Text(name + "Hex", common::ToHex(value));
  }
}

void AddExactOrNull(common::json::ObjectWriter& writer, const std::string& name,
                    const std::optional<std::string>& value) {
  if (value) return AddExact(writer, name, *value);
  writer.TextOrNull(name, std::nullopt);
}

std::string ToJson(const RefusedCallback& callback, bool with_body) {
  const common::Envelope& envelope = callback.envelope;
  common::json::ObjectWriter writer;
  writer.Text("requestId", envelope.request_id);
  AddExact(writer, "provider", envelope.provider);
  AddExact(writer, "key", envelope.key);
  AddExactOrNull(writer, "authenticatedAs", envelope.authenticated_as);
  AddExactOrNull(writer, "eventId", envelope.event_id);
  writer.Text("receivedAt", common::FormatRfc3339(envelope.received_at))
      .Text("refusedAt", common::FormatRfc3339(callback.refused_at))
      .Text("reason", callback.reason)
      .Bool("retry", callback.is_to_be_retried)
      .Number("bytes", static_cast<std::int64_t>(callback.body_size));
  AddExactOrNull(writer, "contentType", envelope.content_type);
  AddExactOrNull(writer, "traceparent", envelope.traceparent);
  if (with_body) AddExact(writer, "body", envelope.body);
  return writer.Finish();
}

/// Calls `use` for each selected callback; returns whether there was one.
Result<bool> ForEach(const Arguments& arguments, const Output& output, bool with_body,
                     const std::function<void(const RefusedCallback&)>& use) {
  auto file = FileOf(arguments);
  if (!file) return file.error();
  bool is_any = false;
  const auto read = file->ForEach({.request_id = IdOf(arguments), .with_body = with_body},
                                  [&](const RefusedCallback& callback) {
                                    is_any = true;
                                    use(callback);
                                    return output.out.good();
                                  });
  if (!read) return Of(*file, read.error());
  if (!is_any && arguments.Has("--id")) return NotFound(arguments.Text("--id"));
  return is_any;
}

constexpr const char* kNone = "no callback is refused\n";

Result<int> ListSpool(const Arguments& arguments, Output& output) {
  std::vector<std::string> objects;
  std::vector<std::vector<std::string>> rows;
  const auto read = ForEach(arguments, output, false, [&](const RefusedCallback& callback) {
    const common::Envelope& envelope = callback.envelope;
    objects.push_back(ToJson(callback, false));
    rows.push_back(
        {Printable(envelope.request_id), Printable(envelope.provider), Printable(envelope.key),
         Printable(envelope.event_id.value_or("-")), common::FormatRfc3339(envelope.received_at),
         common::FormatRfc3339(callback.refused_at), std::to_string(callback.body_size),
         Printable(callback.reason) + (callback.is_to_be_retried ? " (to be retried)" : "")});
  });
  if (!read) return read.error();
  if (output.is_json) {
    output.out << RenderArray(objects) << "\n";
  } else if (rows.empty()) {
    output.out << kNone;
  } else {
    output.out << RenderTable(
        {"REQUEST ID", "PROVIDER", "KEY", "EVENT ID", "RECEIVED", "REFUSED", "BYTES", "REASON"},
        rows);
  }
  return 0;
}

Result<int> ShowSpool(const Arguments& arguments, Output& output) {
  bool is_first = true;
  const auto read = ForEach(arguments, output, true, [&](const RefusedCallback& callback) {
    if (output.is_json) {
      output.out << (is_first ? "[\n" : ",\n") << ToJson(callback, true);
      is_first = false;
      return;
    }
    output.out << Printable(ToJson(callback, false)) << "\n"
               << Printable(callback.envelope.body) << "\n";
  });
  if (!read) return read.error();
  if (output.is_json) {
    output.out << (*read ? "\n]\n" : "[]\n");
  } else if (!*read) {
    output.out << kNone;
  }
  return 0;
}

Result<int> ExportSpool(const Arguments& arguments, Output& output) {
  const auto read = ForEach(arguments, output, true, [&](const RefusedCallback& callback) {
    output.out << ToJson(callback, true) << "\n";
  });
  if (!read) return read.error();
  return 0;
}

Result<int> RetrySpool(const Arguments& arguments, Output& output) {
  auto file = FileOf(arguments);
  if (!file) return file.error();
  const auto marked = file->MarkForRetry(IdOf(arguments));
  if (!marked) return Of(*file, marked.error());
  if (*marked == 0 && arguments.Has("--id")) return NotFound(arguments.Text("--id"));
  if (output.is_json) {
    output.out << common::json::ObjectWriter()
                      .Number("marked", static_cast<std::int64_t>(*marked))
                      .Finish()
               << "\n";
  } else if (*marked == 0) {
    output.out << kNone;
  } else {
    output.out << *marked << (*marked == 1 ? " callback" : " callbacks")
               << " will be offered to Kafka again: within a second if ingest runs,"
                  " else at its next start\n";
  }
  return 0;
}

std::string CallbacksOf(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " callback" : " callbacks");
}

/// Errors: kReject unless one or all are named, and the drop is confirmed.
Result<void> CheckDrop(const Arguments& arguments) {
  if (arguments.Has("--id") == arguments.Has("--all")) {
    return Reject("--id ID or --all is required, and only one of them");
  }
  if (arguments.Has("--yes")) return {};
  return Reject(
      "they were answered 200 and are nowhere else: export them first, and confirm with --yes that "
      "they are to be dropped for good");
}

Result<int> DropSpool(const Arguments& arguments, Output& output) {
  constexpr int kSomeAreLeft = 3;
  if (const auto checked = CheckDrop(arguments); !checked) return checked.error();
  auto file = FileOf(arguments);
  if (!file) return file.error();
  std::string spool = file->path();
  spool.resize(spool.size() - RefusedCallbacks::PathBeside("").size());
  const std::string path = DropRecordOf(spool);
  const auto dropped_at = common::WallNow();
  const auto dropped = file->Drop(IdOf(arguments), [&](std::span<const RefusedCallback> callbacks) {
    return AppendToRecord(path, LinesOf(callbacks, dropped_at));
  });
  if (!dropped) return Of(*file, dropped.error());
  const auto& [records, to_be_retried] = *dropped;
  if (records + to_be_retried == 0 && arguments.Has("--id")) {
    return NotFound(arguments.Text("--id"));
  }
  if (output.is_json) {
    output.out << common::json::ObjectWriter()
                      .Number("dropped", static_cast<std::int64_t>(records))
                      .Number("toBeRetried", static_cast<std::int64_t>(to_be_retried))
                      .Finish()
               << "\n";
  } else if (records + to_be_retried == 0) {
    output.out << kNone;
  } else {
    output.out << CallbacksOf(records) << " dropped; " << path << " says which\n";
    if (to_be_retried > 0) {
      output.out << CallbacksOf(to_be_retried)
                 << " not dropped: to be retried, so ingest may have them in the spool again\n";
    }
  }
  return to_be_retried == 0 ? 0 : kSomeAreLeft;
}

std::vector<OptionSpec> SpoolOptions() {
  return {{"--path", "FILE", "spool.path of ingest.yaml; ingest may be running"},
          {"--id", "ID", "request id of one callback, default all"}};
}

}  // namespace

std::vector<Command> SpoolCommands() {
  return {
      {"spool list",
       "lists the callbacks of a spool that Kafka refuses because of their content, and why",
       SpoolOptions(), ListSpool},
      {"spool show", "shows the same callbacks with their bodies", SpoolOptions(), ShowSpool},
      {"spool retry",
       "makes ingest offer them to Kafka again: within a second if it runs, else at its next\n"
       "start. If Kafka still does not accept them, they are refused again",
       SpoolOptions(), RetrySpool},
      {"spool export",
       "writes them with their bodies to stdout, one JSON object per line; a body that is not\n"
       "UTF-8 in hex, as bodyHex. Removes nothing",
       SpoolOptions(), ExportSpool},
      {"spool drop",
       "deletes them for good, once they are exported or not needed. FILE.dropped gets a line\n"
       "for each before: when, which, why, and the SHA-256 of its body. Status 3: some are to be\n"
       "retried, and were left",
       {{"--path", "FILE", "spool.path of ingest.yaml; ingest may be running"},
        {"--id", "ID", "request id of the one to drop"},
        {"--all", "", "drops all of them"},
        {"--yes", "", "confirms it"}},
       DropSpool},
      RecoverCommand()};
}

}  // namespace ctl
