#include "ops/ctl/spool/recovery.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <system_error>

#include "common/json/object_writer.h"
#include "ingest/spool/spool_copy.h"
#include "ingest/spool/spool_database.h"
#include "ingest/spool/spool_file.h"
#include "ops/ctl/shell/output.h"

namespace ctl {
namespace {

using common::Error;
using common::Result;
using ingest::SpoolDatabase;

constexpr int kSomeAreUnreadable = 3;

/// True if the path, or the name of its log, is taken.
bool IsTaken(const std::string& path) {
  std::error_code failed;
  return std::filesystem::exists(path, failed) ||
         std::filesystem::exists(ingest::LogOf(path), failed);
}

Error Of(const std::string& path, const Error& error) {
  return {error.remedy, error.code, path + ": " + error.detail};
}

Result<int> Recover(const Arguments& arguments, Output& output) {
  const std::string damaged = arguments.Text("--path");
  const std::string into = arguments.Text("--into");
  if (damaged.empty() || into.empty()) return Reject("--path FILE and --into NEWFILE are required");
  const auto recovered = RecoverSpool(damaged, into);
  if (!recovered) return recovered.error();
  const auto& [records, unreadable] = *recovered;
  if (output.is_json) {
    const auto count = unreadable ? std::optional(std::to_string(*unreadable)) : std::nullopt;
    output.out << common::json::ObjectWriter()
                      .Number("recovered", static_cast<std::int64_t>(records))
                      .RawOrNull("unreadable", count)
                      .Finish()
               << "\n";
  } else {
    output.out << records << (records == 1 ? " callback is" : " callbacks are") << " in " << into
               << "\n";
    if (!unreadable) {
      output.out << "others, and nobody knows how many, could not be read\n";
    } else if (*unreadable > 0) {
      output.out << "at most " << *unreadable << " could not be read\n";
    }
  }
  return unreadable == 0 ? 0 : kSomeAreUnreadable;
}

}  // namespace

Result<RecoveredSpool> RecoverSpool(const std::string& damaged, const std::string& into) {
  std::error_code failed;
  if (!std::filesystem::exists(damaged, failed)) {
    return Error{common::Remedy::kStop, "no_file", "there is no file " + damaged};
  }
  if (IsTaken(into)) return Error{common::Remedy::kStop, "exists", into + " exists already"};
  const auto from = SpoolDatabase::Open({.path = damaged});
  if (!from) return Of(damaged, from.error());
  const auto last = (*from)->LastSequence();
  const auto opened = SpoolDatabase::Open({.path = into});
  if (!opened) return Of(into, opened.error());
  if (const auto settled = (*opened)->SettleLog(); !settled) return Of(into, settled.error());
  const auto copied =
      CopySpool(**from, **opened,
                {.last = {.known = last ? std::optional<std::int64_t>(*last) : std::nullopt},
                 .max_bytes = SIZE_MAX,
                 .leaves_unreadable = true,
                 .is_thorough = true});
  if (!copied) return Of(into, copied.error());
  return RecoveredSpool{
      .records = copied->records,
      .unreadable = last ? std::optional<std::size_t>(copied->unreadable) : std::nullopt};
}

Command RecoverCommand() {
  return {
      "spool recover",
      "copies the waiting callbacks of a damaged spool into a new one, around those that cannot\n"
      "be read. No ingest may use FILE or NEWFILE. Status 3: some cannot be read",
      {{"--path", "FILE", "the damaged spool; its FILE-wal, which SQLite moves into it, beside it"},
       {"--into", "NEWFILE", "the new spool, for an ingest to be started with it"}},
      Recover};
}

}  // namespace ctl
