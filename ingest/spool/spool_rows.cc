// The rows of the spool file: writes and reads.
#include <chrono>
#include <string_view>
#include <utility>

#include "ingest/spool/content_type_column.h"
#include "ingest/spool/spool_database.h"
#include "ingest/spool/sqlite_error.h"
#include "ingest/spool/traceparent_column.h"

namespace ingest {
namespace {

int BindText(const SqliteStatement& statement, int column, std::string_view text) {
  return sqlite3_bind_text64(statement.get(), column, text.data(), text.size(), SQLITE_STATIC,
                             SQLITE_UTF8);
}
int BindText(const SqliteStatement& statement, int column, const std::optional<std::string>& text) {
  if (!text) return sqlite3_bind_null(statement.get(), column);
  return BindText(statement, column, std::string_view(*text));
}

/// Valid until the next step.
std::string_view ViewOf(const SqliteStatement& statement, int column) {
  const void* bytes = sqlite3_column_blob(statement.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement.get(), column));
  return bytes == nullptr ? std::string_view()
                          : std::string_view(static_cast<const char*>(bytes), size);
}
std::string TextOf(const SqliteStatement& statement, int column) {
  return std::string(ViewOf(statement, column));
}
std::optional<std::string> OptionalTextOf(const SqliteStatement& statement, int column) {
  if (sqlite3_column_type(statement.get(), column) == SQLITE_NULL) return std::nullopt;
  return TextOf(statement, column);
}

SpooledCallback RowOf(const SqliteStatement& row) {
  SpooledCallback callback;
  callback.sequence = sqlite3_column_int64(row.get(), 0);
  callback.size = static_cast<std::size_t>(sqlite3_column_int64(row.get(), 1));
  common::Envelope& envelope = callback.envelope;
  envelope.provider = TextOf(row, 2);
  envelope.key = TextOf(row, 3);
  envelope.received_at =
      common::WallTime(std::chrono::milliseconds(sqlite3_column_int64(row.get(), 4)));
  envelope.request_id = TextOf(row, 5);
  ReadContentTypeColumn(OptionalTextOf(row, 6), envelope);
  ReadTraceparentColumn(OptionalTextOf(row, 7), envelope);
  envelope.body = TextOf(row, 8);
  envelope.spooled = true;
  return callback;
}

}  // namespace

SpoolDatabase::Counted SpoolDatabase::Count(std::int64_t after, std::int64_t last,
                                            common::Deadline deadline, const Which& is_done) {
  const StatementRun run(count_);
  sqlite3_bind_int64(count_.get(), 1, after + 1);
  sqlite3_bind_int64(count_.get(), 2, last);
  Counted counted{.last_sequence = after};
  int code = SQLITE_DONE;
  while ((code = sqlite3_step(count_.get())) == SQLITE_ROW) {
    counted.last_sequence = sqlite3_column_int64(count_.get(), 0);
    SpoolHoldings::Amount& amount = is_done && is_done(counted.last_sequence)
                                        ? counted.holdings.done
                                        : counted.holdings.by_provider[TextOf(count_, 1)];
    amount.Add(static_cast<std::size_t>(sqlite3_column_int64(count_.get(), 2)));
    if (deadline.HasPassed()) break;
  }
  DiskHasAnswered();
  if (code == SQLITE_ROW) return counted;
  if (code == SQLITE_DONE) {
    counted.last_sequence = last;
    counted.is_all = true;
  } else {
    counted.error = ErrorOf(connection_.get(), code, "count");
  }
  return counted;
}

common::Result<void> SpoolDatabase::Append(std::span<const SpooledCallback> callbacks) {
  return InTransaction("store", [&] {
    for (const SpooledCallback& callback : callbacks) {
      if (const int code = Insert(callback); code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
  });
}

common::Result<void> SpoolDatabase::AppendAll(const Next& next) {
  std::optional<common::Error> unread;
  auto stored = InTransaction("store", [&] {
    for (;;) {
      const auto callbacks = next();
      if (!callbacks) {
        unread = callbacks.error();
        return SQLITE_ABORT;
      }
      if (callbacks->empty()) return SQLITE_OK;
      for (const SpooledCallback& callback : *callbacks) {
        if (const int code = Insert(callback); code != SQLITE_OK) return code;
      }
    }
  });
  if (unread) return *unread;
  return stored;
}

int SpoolDatabase::Insert(const SpooledCallback& callback) {
  const StatementRun run(insert_);
  const common::Envelope& envelope = callback.envelope;
  const auto bind_number = [&](int column, std::int64_t number) {
    return sqlite3_bind_int64(insert_.get(), column, number);
  };
  // A null pointer would store NULL, but an empty body must be an empty blob.
  const std::optional<std::string> content_type = ContentTypeColumn(envelope);
  const std::optional<std::string> traceparent = TraceparentColumn(envelope);
  const char* body = envelope.body.empty() ? "" : envelope.body.data();
  const int codes[] = {
      bind_number(1, callback.sequence),
      BindText(insert_, 2, std::string_view(envelope.provider)),
      BindText(insert_, 3, std::string_view(envelope.key)),
      bind_number(4, envelope.received_at.time_since_epoch().count()),
      BindText(insert_, 5, std::string_view(envelope.request_id)),
      BindText(insert_, 6, content_type),
      BindText(insert_, 7, traceparent),
      bind_number(8, static_cast<std::int64_t>(callback.size)),
      sqlite3_bind_blob64(insert_.get(), 9, body, envelope.body.size(), SQLITE_STATIC)};
  for (const int code : codes) {
    if (code != SQLITE_OK) return code;
  }
  const int code = sqlite3_step(insert_.get());
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

common::Result<void> SpoolDatabase::Remove(std::span<const SequenceRange> ranges,
                                           const OnRemoved& removed) {
  return InTransaction("remove", [&] {
    for (const SequenceRange& range : ranges) {
      const StatementRun run(remove_);
      sqlite3_bind_int64(remove_.get(), 1, range.from);
      sqlite3_bind_int64(remove_.get(), 2, range.to);
      int code = SQLITE_DONE;
      while ((code = sqlite3_step(remove_.get())) == SQLITE_ROW) {
        if (!removed) continue;
        removed(sqlite3_column_int64(remove_.get(), 0),
                static_cast<std::size_t>(sqlite3_column_int64(remove_.get(), 1)));
      }
      if (code != SQLITE_DONE) return code;
    }
    return SQLITE_OK;
  });
}

common::Result<std::vector<SpooledCallback>> SpoolDatabase::ReadAfter(std::int64_t sequence,
                                                                      std::size_t max_records,
                                                                      std::size_t max_bytes) {
  const StatementRun run(read_);
  sqlite3_bind_int64(read_.get(), 1, sequence + 1);
  sqlite3_bind_int64(read_.get(), 2, static_cast<std::int64_t>(max_records));
  std::vector<SpooledCallback> callbacks;
  std::size_t bytes = 0;
  int code = SQLITE_DONE;
  while ((code = sqlite3_step(read_.get())) == SQLITE_ROW) {
    bytes += static_cast<std::size_t>(sqlite3_column_int64(read_.get(), 1));
    if (!callbacks.empty() && bytes > max_bytes) break;
    callbacks.push_back(RowOf(read_));
  }
  DiskHasAnswered();
  if (code != SQLITE_DONE && code != SQLITE_ROW) return ErrorOf(connection_.get(), code, "read");
  return callbacks;
}

SpoolDatabase::Scanned SpoolDatabase::Scan(std::int64_t from, std::int64_t to, std::size_t most,
                                           common::Deadline deadline, const Visit& visit) {
  const StatementRun run(scan_);
  sqlite3_bind_int64(scan_.get(), 1, from);
  sqlite3_bind_int64(scan_.get(), 2, to);
  sqlite3_bind_int64(scan_.get(), 3, static_cast<std::int64_t>(most));
  Scanned scanned{.passed = from - 1};
  std::size_t count = 0;
  int code = SQLITE_DONE;
  while ((code = sqlite3_step(scan_.get())) == SQLITE_ROW) {
    scanned.passed = sqlite3_column_int64(scan_.get(), 0);
    visit({.sequence = scanned.passed,
           .provider = ViewOf(scan_, 1),
           .key = ViewOf(scan_, 2),
           .size = static_cast<std::size_t>(sqlite3_column_int64(scan_.get(), 3))});
    if (++count == most || deadline.HasPassed()) break;
  }
  DiskHasAnswered();
  if (code == SQLITE_ROW) return scanned;
  if (code == SQLITE_DONE) {
    scanned.passed = to;
  } else {
    scanned.error = ErrorOf(connection_.get(), code, "scan");
  }
  return scanned;
}

common::Result<std::optional<common::WallTime>> SpoolDatabase::OldestReceivedAt() {
  const auto oldest = ReadNumber(
      "SELECT coalesce((SELECT received_at FROM callbacks ORDER BY seq LIMIT 1), -1)", "read");
  if (!oldest) return oldest.error();
  if (*oldest < 0) return std::optional<common::WallTime>();
  return std::optional(common::WallTime(std::chrono::milliseconds(*oldest)));
}

}  // namespace ingest
