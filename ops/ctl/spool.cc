#include <filesystem>
#include <ostream>
#include <system_error>

#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/json/object_writer.h"
#include "ingest/spool/refused_callbacks.h"
#include "ops/ctl/commands.h"

namespace ctl {
namespace {

using common::Result;
using ingest::RefusedCallback;
using ingest::RefusedCallbacks;

/// Those beside the spool of --path.
Result<RefusedCallbacks> FileOf(const Arguments& arguments) {
  const std::string spool = arguments.Text("--path");
  if (spool.empty()) return Reject("--path FILE is missing: spool.path of ingest.yaml");
  RefusedCallbacks file(RefusedCallbacks::PathBeside(spool));
  std::error_code error;
  if (!std::filesystem::exists(spool, error) && !std::filesystem::exists(file.path(), error)) {
    return common::Error{common::Remedy::kStop, "no_file", "there is no file " + spool};
  }
  return file;
}

std::optional<std::string> IdOf(const Arguments& arguments) {
  return arguments.Has("--id") ? std::optional(arguments.Text("--id")) : std::nullopt;
}

common::Error NotFound(const std::string& id) {
  return {common::Remedy::kStop, "not_found", "no refused callback has the request id " + id};
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = common::Utf8Length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string ToJson(const RefusedCallback& callback, bool with_body) {
  const common::Envelope& envelope = callback.envelope;
  common::json::ObjectWriter writer;
  writer.Text("requestId", envelope.request_id)
      .Text("provider", envelope.provider)
      .Text("key", envelope.key)
      .Text("receivedAt", common::FormatRfc3339(envelope.received_at))
      .Text("refusedAt", common::FormatRfc3339(callback.refused_at))
      .Text("reason", callback.reason)
      .Bool("retry", callback.is_to_be_retried)
      .Number("bytes", static_cast<std::int64_t>(envelope.body.size()))
      .TextOrNull("contentType", envelope.content_type)
      .TextOrNull("traceparent", envelope.traceparent);
  if (!with_body) return writer.Finish();
  const bool is_text = IsUtf8(envelope.body);
  writer.Text(is_text ? "body" : "bodyHex", is_text ? envelope.body : common::ToHex(envelope.body));
  return writer.Finish();
}

/// Whether there was one.
Result<bool> ForEach(const Arguments& arguments,
                     const std::function<void(const RefusedCallback&)>& use) {
  auto file = FileOf(arguments);
  if (!file) return file.error();
  bool is_any = false;
  const auto read = file->ForEach({.request_id = IdOf(arguments)}, [&](RefusedCallback callback) {
    is_any = true;
    use(callback);
    return true;
  });
  if (!read) return read.error();
  if (!is_any && arguments.Has("--id")) return NotFound(arguments.Text("--id"));
  return is_any;
}

}  // namespace

Result<int> ListSpool(const Arguments& arguments, Output& output) {
  std::vector<std::string> objects;
  std::vector<std::vector<std::string>> rows;
  const auto read = ForEach(arguments, [&](const RefusedCallback& callback) {
    const common::Envelope& envelope = callback.envelope;
    objects.push_back(ToJson(callback, false));
    rows.push_back({envelope.request_id, Printable(envelope.provider), Printable(envelope.key),
                    common::FormatRfc3339(envelope.received_at),
                    common::FormatRfc3339(callback.refused_at),
                    std::to_string(envelope.body.size()),
                    callback.reason + (callback.is_to_be_retried ? " (to be retried)" : "")});
  });
  if (!read) return read.error();
  if (output.is_json) {
    output.out << RenderArray(objects) << "\n";
  } else if (rows.empty()) {
    output.out << "no callback is refused\n";
  } else {
    output.out << RenderTable(
        {"REQUEST ID", "PROVIDER", "KEY", "RECEIVED", "REFUSED", "BYTES", "REASON"}, rows);
  }
  return 0;
}

Result<int> ShowSpool(const Arguments& arguments, Output& output) {
  std::vector<std::string> objects;
  const auto read = ForEach(arguments, [&](const RefusedCallback& callback) {
    if (output.is_json) {
      objects.push_back(ToJson(callback, true));
      return;
    }
    output.out << ToJson(callback, false) << "\n" << Printable(callback.envelope.body) << "\n";
  });
  if (!read) return read.error();
  if (output.is_json) output.out << RenderArray(objects) << "\n";
  return 0;
}

Result<int> ExportSpool(const Arguments& arguments, Output& output) {
  const auto read = ForEach(arguments, [&](const RefusedCallback& callback) {
    output.out << ToJson(callback, true) << "\n";
  });
  if (!read) return read.error();
  return 0;
}

Result<int> RetrySpool(const Arguments& arguments, Output& output) {
  auto file = FileOf(arguments);
  if (!file) return file.error();
  const auto marked = file->MarkForRetry(IdOf(arguments));
  if (!marked) return marked.error();
  if (*marked == 0 && arguments.Has("--id")) return NotFound(arguments.Text("--id"));
  if (output.is_json) {
    output.out << common::json::ObjectWriter()
                      .Number("marked", static_cast<std::int64_t>(*marked))
                      .Finish()
               << "\n";
  } else {
    output.out << *marked
               << " callbacks will be offered to Kafka again: within a second where ingest runs,"
                  " else at its next start\n";
  }
  return 0;
}

}  // namespace ctl
