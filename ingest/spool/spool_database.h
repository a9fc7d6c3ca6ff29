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
///
/// The file is this process's alone while it is open. No member ever deletes a file. The file's name
/// may be taken away from it all the same: what is then written is lost with this process.
///
/// Threads:  confined.
/// Errors:   as ErrorOf() sorts them. After kAbort or kStop the object is of no more use for
///           writing.
/// Transactions: each call is one. A call that fails has stored nothing that counts; what it wrote
///           may show all the same once the file is opened anew.
class SpoolDatabase {
 public:
  struct Options {
    std::string path;
    std::string vfs{};    ///< SQLite's name of the file system to use; empty: its own.
    int long_log = 1000;  ///< Pages in the write-ahead log from which on ShortenLog() does it.
  };

  /// Makes the file if there is none; an interrupted commit is recovered or forgotten.
  static common::Result<std::unique_ptr<SpoolDatabase>> Open(const Options& options);

  SpoolDatabase(const SpoolDatabase&) = delete;
  SpoolDatabase& operator=(const SpoolDatabase&) = delete;
  ~SpoolDatabase();

  /// To be called before the first Append().
  ///
  /// After a failed fsync the kernel may show pages of the log that are not on disk, and take them
  /// for clean. Frames appended behind them would be lost with them at a power cut, though synced
  /// themselves. So the log's content is written to the table's file again, that file is synced and
  /// the log begins anew.
  common::Result<void> SettleLog();

  /// Where its files are, of which somebody else may have disposed.
  enum class Place {
    kRight,        ///< Its path and that of its log name what is open.
    kLogGone,      ///< The log has lost its name.
    kLogReplaced,  ///< Its name is another log's.
    kGone,         ///< The file has lost its name.
  };
  [[nodiscard]] Place FindPlace() const;
  /// What is open.
  [[nodiscard]] SpoolFiles files() const { return {.file = file_, .log = log_}; }

  /// 0: it holds nothing.
  common::Result<std::int64_t> LastSequence();
  /// Of the pages that hold something, so many bytes; about what waits, told at once.
  common::Result<std::size_t> UsedBytes();

  struct Counted {
    SpoolHoldings holdings{};
    std::int64_t last_sequence = 0;  ///< The last that was counted.
    bool is_all = false;
    std::optional<common::Error> error{};  ///< What follows cannot be read.
  };
  /// Of sequences; none: of none.
  using Which = std::function<bool(std::int64_t sequence)>;
  /// Counts on from what follows `after` to `last`, until the deadline; at least one callback. Reads
  /// all but long bodies.
  Counted Count(std::int64_t after, std::int64_t last, common::Deadline deadline,
                const Which& is_done = {});

  /// `callbacks` have sequences higher than every one before. Stored once it returns without error.
  common::Result<void> Append(std::span<const SpooledCallback> callbacks);
  /// All that `next` gives, until it gives none, in one commit.
  using Next = std::function<common::Result<std::vector<SpooledCallback>>()>;
  common::Result<void> AppendAll(const Next& next);
  /// Whatever there is of these. `removed` is told of each; if it fails, for nothing.
  using OnRemoved = std::function<void(std::int64_t sequence, std::size_t size)>;
  common::Result<void> Remove(std::span<const SequenceRange> ranges, const OnRemoved& removed = {});

  /// The next callbacks by sequence: at least one if there is one, then at most so many records and
  /// bytes.
  common::Result<std::vector<SpooledCallback>> ReadAfter(std::int64_t sequence,
                                                         std::size_t max_records,
                                                         std::size_t max_bytes);
  /// Calls `visit` for rows `from` one `to` another, by sequence: for at most so many, and until the
  /// deadline, but for one at least. Bodies are not read.
  struct Row {
    std::int64_t sequence = 0;
    std::string_view provider;
    std::string_view key;
    std::size_t size = 0;
  };
  using Visit = std::function<void(const Row& row)>;
  struct Scanned {
    std::int64_t passed = 0;               ///< Every row up to that one was visited.
    std::optional<common::Error> error{};  ///< What follows cannot be read.
  };
  Scanned Scan(std::int64_t from, std::int64_t to, std::size_t most, common::Deadline deadline,
               const Visit& visit);
  common::Result<std::optional<common::WallTime>> OldestReceivedAt();

  /// Writes and syncs without changing anything.
  common::Result<void> Probe();

  /// Moves what the log holds to the table, once it has grown enough for that.
  common::Result<void> ShortenLog();

 private:
  SpoolDatabase() = default;

  common::Result<void> Claim();
  common::Result<void> PrepareStatements();
  common::Result<void> Run(const char* sql, const char* step);
  common::Result<std::int64_t> ReadNumber(const char* sql, const char* step);
  common::Result<void> InTransaction(const char* step, const auto& change);
  int Insert(const SpooledCallback& callback);

  std::string path_;
  std::string log_path_;  ///< Beside what the path links to.
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
  int log_pages_ = 0;  ///< In the write-ahead log since it began anew, at the last commit.
};

}  // namespace ingest
