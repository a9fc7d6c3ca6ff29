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
#include "ingest/spool/refused_file.h"

namespace ingest {

/// A callback that was answered 200 and that Kafka refuses for its own sake.
struct RefusedCallback {
  common::Envelope envelope;
  common::WallTime refused_at{};
  std::string reason;
  bool is_to_be_retried = false;
  std::size_t body_size = 0;  ///< Set on reading, also without the body.
};

/// The callbacks that Kafka refuses, in a separate file beside the spool's. Replay need not skip
/// them, and sluicectl can read and mark them while ingest runs and keeps the spool itself locked.
///
/// Each call opens and closes the file.
///
/// Threads:      any; one at a time per object.
/// Errors:       as ErrorOf() sorts them; kRetry "busy" while another process writes.
/// Transactions: one per call. ForEach() reads in several, so that a slow visitor locks nobody out.
class RefusedCallbacks {
 public:
  [[nodiscard]] static std::string PathBeside(const std::string& spool_path) {
    return spool_path + ".refused";
  }

  /// How long to wait for another process that is reading or writing.
  static constexpr std::chrono::milliseconds kPatience{200};

  explicit RefusedCallbacks(std::string path, std::string vfs = {},
                            std::chrono::milliseconds patience = kPatience)
      : file_{.path = std::move(path), .vfs = std::move(vfs), .patience = patience} {}

  [[nodiscard]] const std::string& path() const { return file_.path; }

  /// Creates the file if it is missing. Replaces a callback with the same request id.
  common::Result<void> Keep(std::span<const RefusedCallback> callbacks);
  common::Result<void> Remove(std::span<const std::string> request_ids);

  struct Counts {
    std::size_t records = 0;
    std::size_t to_be_retried = 0;
    bool were_added = false;  ///< By this call: an earlier build kept none.
  };
  /// Time: independent of their number.
  common::Result<Counts> Count();

  /// Selects callbacks.
  struct Selection {
    std::optional<std::string> request_id{};
    bool only_to_be_retried = false;
    bool with_body = true;
  };
  /// Visits callbacks in the order of refusal, until `visit` returns false; none without a file. A
  /// callback that is refused again meanwhile may be visited twice.
  using Visit = std::function<bool(RefusedCallback callback)>;
  common::Result<void> ForEach(const Selection& selection, const Visit& visit);

  /// Marks one callback, or all for nullopt. Returns how many.
  common::Result<std::size_t> MarkForRetry(const std::optional<std::string>& request_id);

  struct Dropped {
    std::size_t records = 0;
    /// Marked for a retry: ingest may have them in the spool again, so they were left.
    std::size_t to_be_retried = 0;
  };
  /// Removes one callback, or all for nullopt, for good, and overwrites their bytes. `record` gets
  /// each of them before: if it fails, nothing is removed.
  using Record = std::function<common::Result<void>(std::span<const RefusedCallback> callbacks)>;
  common::Result<Dropped> Drop(const std::optional<std::string>& request_id, const Record& record);

 private:
  RefusedFile file_;
};

}  // namespace ingest
