#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/base/rfc3339.h"
#include "ingest/spool/sequence_set.h"
#include "ingest/spool/spool_file.h"
#include "ingest/spool/spool_ledger.h"
#include "ingest/spool/spooled_callback.h"
#include "ingest/spool/sqlite_handles.h"

namespace ingest {

/// The spool's file: SQLite in WAL mode, synced at each commit.
///
///   callbacks := { seq, provider, key, received_at (ms), request_id, content_type?, traceparent?,
///                  size, body }       ; application_id "SLUC", user_version 1
///                                     ; schema_version: the file's lap, see log_lap.h
///
/// Only this process can use the file while it is open. No member ever deletes a file. Others may
/// still remove the file's name; what is written afterwards is lost with this process.
///
/// Threads:      confined.
/// Errors:       as ErrorOf() sorts them. After kAbort or kStop the object cannot write any more.
/// Transactions: one per call. A failed call has stored nothing that counts, but its data may be
///               visible after the file is reopened.
class SpoolDatabase {
 public:
  struct Options {
    std::string path;
    std::string vfs{};    ///< SQLite's name of the VFS to use; empty: the default.
    int long_log = 1000;  ///< From this many pages in the write-ahead log on, ShortenLog() acts.
    std::function<void()> answered{};  ///< Called after each request to the disk, failed or not.
  };

  /// Creates the file if it is missing. Recovers or discards an interrupted commit.
  /// Errors: also kStop "cannot_open" if the log beside it belongs to another file. Both stay
  ///         unchanged.
  static common::Result<std::unique_ptr<SpoolDatabase>> Open(const Options& options);

  SpoolDatabase(const SpoolDatabase&) = delete;
  SpoolDatabase& operator=(const SpoolDatabase&) = delete;
  ~SpoolDatabase();

  /// Call before the first Append().
  ///
  /// After a failed fsync the kernel may show pages of the log that are not on disk and consider
  /// them clean. A power cut would lose them, and with them all frames appended later, even if
  /// synced. So this writes the log's content to the table's file again, syncs that file and
  /// restarts the log.
  common::Result<void> SettleLog();

  /// Where its files are; others may have moved or removed them.
  enum class Place {
    kRight,        ///< The paths of file and log name the open ones.
    kLogGone,      ///< The log has lost its name.
    kLogReplaced,  ///< The log's name belongs to another log.
    kGone,         ///< The file has lost its name.
  };
  [[nodiscard]] Place FindPlace() const;
  /// The open files.
  [[nodiscard]] SpoolFiles files() const { return {.file = file_, .log = log_}; }

  /// 0 if it is empty.
  common::Result<std::int64_t> LastSequence();
  /// Bytes in used pages: an estimate of the callbacks' size that needs no counting.
  common::Result<std::size_t> UsedBytes();

  struct Counted {
    SpoolHoldings holdings{};
    std::int64_t last_sequence = 0;  ///< The last that was counted.
    bool is_all = false;
    std::optional<common::Error> error{};  ///< The following rows cannot be read.
  };
  /// A predicate of sequences. If empty, it is true for none.
  using Which = std::function<bool(std::int64_t sequence)>;
  /// Continues counting after `after` up to `last`, until the deadline, with at least one callback.
  /// Reads everything except long bodies.
  Counted Count(std::int64_t after, std::int64_t last, common::Deadline deadline,
                const Which& is_done = {});

  /// `callbacks` must have higher sequences than all before. They are stored once it returns
  /// without error.
  common::Result<void> Append(std::span<const SpooledCallback> callbacks);
  /// Appends everything that `next` returns until it returns nothing, in one commit.
  using Next = std::function<common::Result<std::vector<SpooledCallback>>()>;
  common::Result<void> AppendAll(const Next& next);
  /// Removes the existing rows of these ranges and calls `removed` for each. If it fails, it has
  /// removed none, whatever `removed` was called for.
  using OnRemoved = std::function<void(std::int64_t sequence, std::size_t size)>;
  common::Result<void> Remove(std::span<const SequenceRange> ranges, const OnRemoved& removed = {});

  /// The next callbacks by sequence: at least one if there is one, at most `max_records` and
  /// `max_bytes`.
  common::Result<std::vector<SpooledCallback>> ReadAfter(std::int64_t sequence,
                                                         std::size_t max_records,
                                                         std::size_t max_bytes);
  /// Calls `visit` for rows from `from` to `to`, by sequence: for at least one, at most `most`, and
  /// only until the deadline. Does not read bodies.
  struct Row {
    std::int64_t sequence = 0;
    std::string_view provider;
    std::string_view key;
    std::size_t size = 0;
  };
  using Visit = std::function<void(const Row& row)>;
  struct Scanned {
    std::int64_t passed = 0;               ///< Every row up to this one was visited.
    std::optional<common::Error> error{};  ///< The following rows cannot be read.
  };
  Scanned Scan(std::int64_t from, std::int64_t to, std::size_t most, common::Deadline deadline,
               const Visit& visit);
  common::Result<std::optional<common::WallTime>> OldestReceivedAt();

  /// Writes and syncs without changing anything.
  common::Result<void> Probe();

  /// Moves the log's content to the table once the log is long enough.
  common::Result<void> ShortenLog();

 private:
  SpoolDatabase() = default;

  void DiskHasAnswered() const {
    if (answered_) answered_();
  }
  common::Result<void> Claim();
  common::Result<void> OpenLog();
  common::Result<void> PrepareStatements();
  common::Result<void> Run(const char* sql, const char* step);
  common::Result<std::int64_t> ReadNumber(const char* sql, const char* step);
  common::Result<void> GiveLap();
  common::Result<void> BeginLap();
  /// Returns SQLite's code.
  using Change = std::function<int()>;
  common::Result<void> InTransaction(const char* step, const Change& change);
  common::Result<void> Commit(const char* step, const Change& change);
  int Insert(const SpooledCallback& callback);

  std::string path_;
  std::string log_path_;  ///< Beside the target of a link.
  std::optional<FileIdentity> file_;
  std::optional<FileIdentity> log_;
  SqliteConnection connection_;
  SqliteStatement begin_;
  SqliteStatement commit_;
  SqliteStatement insert_;
  SqliteStatement remove_;
  SqliteStatement count_;
  SqliteStatement read_;
  SqliteStatement scan_;
  int long_log_ = 0;
  std::function<void()> answered_;
  bool begins_lap_ = false;  ///< The next commit is the first of a log.
  int log_pages_ = 0;        ///< Pages in the write-ahead log since its last restart.
};

}  // namespace ingest
