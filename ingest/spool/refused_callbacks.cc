#include "ingest/spool/refused_callbacks.h"

#include <chrono>
#include <utility>

#include "ingest/spool/content_type_column.h"
#include "ingest/spool/sqlite_query.h"
#include "ingest/spool/traceparent_column.h"

namespace ingest {
namespace {

using common::Result;

/// The limits of one transaction that reads.
constexpr std::int64_t kMostOfAPage = 256;
constexpr std::size_t kMostBytesOfAPage = 4ULL * 1024 * 1024;

RefusedCallback RowOf(const SqliteQuery& row) {
  RefusedCallback callback;
  common::Envelope& envelope = callback.envelope;
  const auto time_at = [&](int column) {
    return common::WallTime(std::chrono::milliseconds(row.NumberAt(column)));
  };
  envelope.request_id = row.TextAt(0);
  envelope.provider = row.TextAt(1);
  envelope.key = row.TextAt(2);
  envelope.received_at = time_at(3);
  ReadContentTypeColumn(row.OptionalTextAt(4), envelope);
  ReadTraceparentColumn(row.OptionalTextAt(5), envelope);
  envelope.spooled = true;
  callback.refused_at = time_at(6);
  callback.reason = row.TextAt(7);
  callback.is_to_be_retried = row.NumberAt(8) != 0;
  envelope.body = row.TextAt(9);
  callback.body_size = static_cast<std::size_t>(row.NumberAt(10));
  return callback;
}

/// Reads the rows after `after`, and sets `after` to the last one read.
Result<std::vector<RefusedCallback>> ReadPage(const SqliteConnection& connection,
                                              const RefusedCallbacks::Selection& selection,
                                              std::int64_t& after) {
  std::string sql =
      "SELECT request_id, provider, key, received_at, content_type, traceparent, refused_at,"
      " reason, retry, ";
  sql += selection.with_body ? "body" : "x''";
  sql += ", length(body), id FROM refused WHERE id > ?";
  if (selection.only_to_be_retried) sql += " AND retry = 1";
  if (selection.request_id) sql += " AND request_id = ?";
  sql += " ORDER BY id LIMIT " + std::to_string(kMostOfAPage);
  SqliteQuery rows(connection, sql.c_str());
  rows.Bind(after);
  if (selection.request_id) rows.Bind(std::string_view(*selection.request_id));
  std::vector<RefusedCallback> page;
  std::size_t bytes = 0;
  while (bytes < kMostBytesOfAPage && rows.Step()) {
    page.push_back(RowOf(rows));
    bytes += page.back().envelope.body.size();
    after = rows.NumberAt(11);
  }
  if (auto read = rows.End("read the refused callbacks"); !read) return read.error();
  return page;
}

}  // namespace

Result<void> RefusedCallbacks::Keep(std::span<const RefusedCallback> callbacks) {
  auto connection = file_.Open(RefusedFile::IfMissing::kMake);
  if (!connection) return connection.error();
  return InTransaction(*connection, [&]() -> Result<void> {
    for (const RefusedCallback& callback : callbacks) {
      const common::Envelope& envelope = callback.envelope;
      const std::optional<std::string> content_type = ContentTypeColumn(envelope);
      const std::optional<std::string> traceparent = TraceparentColumn(envelope);
      SqliteQuery insert(*connection,
                         "INSERT INTO refused(request_id, provider, key, received_at,"
                         " content_type, traceparent, refused_at, reason, body)"
                         " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)");
      insert.Bind(std::string_view(envelope.request_id))
          .Bind(std::string_view(envelope.provider))
          .Bind(std::string_view(envelope.key))
          .Bind(envelope.received_at)
          .Bind(content_type)
          .Bind(traceparent)
          .Bind(callback.refused_at)
          .Bind(std::string_view(callback.reason))
          .BindBlob(envelope.body)
          .Step();
      if (auto done = insert.End("keep a refused callback"); !done) return done;
    }
    return {};
  });
}

Result<void> RefusedCallbacks::Remove(std::span<const std::string> request_ids) {
  auto connection = file_.Open(RefusedFile::IfMissing::kLeave);
  if (!connection) return connection.error();
  if (!*connection) return {};
  return InTransaction(*connection, [&]() -> Result<void> {
    for (const std::string& request_id : request_ids) {
      SqliteQuery remove(*connection, "DELETE FROM refused WHERE request_id = ?");
      remove.Bind(std::string_view(request_id)).Step();
      if (auto done = remove.End("remove a refused callback"); !done) return done;
    }
    return {};
  });
}

Result<RefusedCallbacks::Counts> RefusedCallbacks::Count() {
  auto connection = file_.Open(RefusedFile::IfMissing::kLeave);
  if (!connection) return connection.error();
  if (!*connection) return Counts{};
  const auto added = AddCounts(*connection);
  if (!added) return added.error();
  SqliteQuery count(*connection, "SELECT records, to_be_retried FROM counts");
  count.Step();
  if (auto read = count.End("count the refused callbacks"); !read) return read.error();
  return Counts{.records = static_cast<std::size_t>(count.NumberAt(0)),
                .to_be_retried = static_cast<std::size_t>(count.NumberAt(1)),
                .were_added = *added};
}

Result<void> RefusedCallbacks::ForEach(const Selection& selection, const Visit& visit) {
  auto connection = file_.Open(RefusedFile::IfMissing::kLeave);
  if (!connection) return connection.error();
  if (!*connection) return {};
  std::int64_t after = 0;
  for (;;) {
    auto page = ReadPage(*connection, selection, after);
    if (!page) return page.error();
    if (page->empty()) return {};
    for (RefusedCallback& callback : *page) {
      if (!visit(std::move(callback))) return {};
    }
  }
}

Result<RefusedCallbacks::Dropped> RefusedCallbacks::Drop(
    const std::optional<std::string>& request_id, const Record& record) {
  auto connection = file_.Open(RefusedFile::IfMissing::kLeave);
  if (!connection) return connection.error();
  if (!*connection) return Dropped{};
  const auto added = AddCounts(*connection);
  if (!added) return added.error();
  if (auto set = Execute(*connection, "PRAGMA secure_delete = ON", "prepare"); !set) {
    return set.error();
  }
  Dropped dropped;
  const auto done = InTransaction(*connection, [&]() -> Result<void> {
    std::int64_t after = 0;
    for (;;) {
      auto page = ReadPage(*connection, {.request_id = request_id}, after);
      if (!page) return page.error();
      if (page->empty()) break;
      dropped.to_be_retried += std::erase_if(
          *page, [](const RefusedCallback& callback) { return callback.is_to_be_retried; });
      dropped.records += page->size();
      if (auto recorded = record(*page); !recorded) return recorded;
    }
    // Nobody else writes within a transaction: these are the recorded ones.
    SqliteQuery remove(*connection, request_id
                                        ? "DELETE FROM refused WHERE retry = 0 AND request_id = ?"
                                        : "DELETE FROM refused WHERE retry = 0");
    if (request_id) remove.Bind(std::string_view(*request_id));
    remove.Step();
    return remove.End("remove refused callbacks");
  });
  if (!done) return done.error();
  return dropped;
}

Result<std::size_t> RefusedCallbacks::MarkForRetry(const std::optional<std::string>& request_id) {
  auto connection = file_.Open(RefusedFile::IfMissing::kLeave);
  if (!connection) return connection.error();
  if (!*connection) return std::size_t{0};
  SqliteQuery mark(*connection, request_id ? "UPDATE refused SET retry = 1 WHERE request_id = ?"
                                           : "UPDATE refused SET retry = 1");
  if (request_id) mark.Bind(std::string_view(*request_id));
  mark.Step();
  if (auto done = mark.End("mark refused callbacks"); !done) return done.error();
  return static_cast<std::size_t>(sqlite3_changes(connection->get()));
}

}  // namespace ingest
