#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "common/domain/callback_record.h"
#include "ingest/spool/sqlite_handles.h"

namespace ingest {

/// A callback that was answered 200 and that Kafka refuses for what it is.
struct RefusedCallback {
  common::Envelope envelope;
  common::WallTime refused_at{};
  std::string reason;
  bool is_to_be_retried = false;
  std::size_t body_size = 0;  ///< Of one that was read, without its body too.
};

/// The callbacks that Kafka refuses, in a file of their own beside the spool's: nothing has to step
/// over them, and sluicectl may read and mark them while ingest runs, which keeps the spool itself
/// locked.
///
///   refused := { request_id unique, provider, key, received_at (ms), content_type?, traceparent?,
///                refused_at (ms), reason, retry (0|1), body }
///   counts  := { records, to_be_retried }  ; one row, kept by triggers
///                                          ; application_id "SLUR", user_version 1
///
/// SQLite with a rollback journal, synced at each commit, its folder too. Each call opens the file
/// and closes it.
///
/// Threads: any; one at a time for each object.
/// Errors:  as ErrorOf() sorts them; kRetry "busy" while another process writes.
/// Transactions: each call is one; ForEach() reads some at a time in one, so that nobody is locked
///         out while they are used.
class RefusedCallbacks {
 public:
  [[nodiscard]] static std::string PathBeside(const std::string& spool_path) {
    return spool_path + ".refused";
  }

  /// For another process that reads or writes at the same moment.
  static constexpr std::chrono::milliseconds kPatience{200};

  explicit RefusedCallbacks(std::string path, std::string vfs = {},
                            std::chrono::milliseconds patience = kPatience)
      : path_(std::move(path)), vfs_(std::move(vfs)), patience_(patience) {}

  [[nodiscard]] const std::string& path() const { return path_; }

  /// Makes the file if there is none. A request id that is kept already is replaced.
  common::Result<void> Keep(std::span<const RefusedCallback> callbacks);
  common::Result<void> Remove(std::span<const std::string> request_ids);

  struct Counts {
    std::size_t records = 0;
    std::size_t to_be_retried = 0;
  };
  /// Time: does not grow with their number.
  common::Result<Counts> Count();

  /// Which of them.
  struct Selection {
    std::optional<std::string> request_id{};
    bool only_to_be_retried = false;
    bool with_body = true;
  };
  /// By the time of their refusal, until `visit` returns false. No file: none. One that is refused
  /// again meanwhile may come twice.
  using Visit = std::function<bool(RefusedCallback callback)>;
  common::Result<void> ForEach(const Selection& selection, const Visit& visit);

  /// nullopt: all. How many.
  common::Result<std::size_t> MarkForRetry(const std::optional<std::string>& request_id);

 private:
  enum class IfMissing { kMake, kLeave };
  /// Null: there is no file, or nothing in it. Only kMake writes.
  common::Result<SqliteConnection> Open(IfMissing if_missing);

  std::string path_;
  std::string vfs_;
  std::chrono::milliseconds patience_;
};

}  // namespace ingest
