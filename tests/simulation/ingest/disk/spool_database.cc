// ingest/spool/spool_database.h on the model disk, in the place of the one on SQLite.
#include "ingest/spool/spool_database.h"

#include <algorithm>
#include <map>
#include <utility>

#include "tests/simulation/ingest/disk/disk.h"
#include "tests/simulation/ingest/world/process.h"

namespace ingest {
namespace {

using common::Error;
using common::Remedy;
using common::Result;
using simulation::Host;
using simulation::intake::Disk;
using simulation::intake::Process;
using simulation::intake::Rows;
using simulation::intake::SpoolFileModel;
using simulation::intake::StoredRow;

/// So many rows at a time, as if its deadline had passed.
constexpr std::uint64_t kMostAtOnce = 40;
constexpr std::size_t kPage = 4096;

/// An open file of a connection.
struct Connection {
  Disk* disk = nullptr;
  const Host* host = nullptr;
  std::shared_ptr<SpoolFileModel> file;
};

/// The header has no room for a model.
std::map<const SpoolDatabase*, Connection>& Connections() {
  static std::map<const SpoolDatabase*, Connection> connections;
  return connections;
}
Connection& Of(const SpoolDatabase& database) { return Connections().at(&database); }

Error SyncFailed() { return {Remedy::kAbort, "sync_failed", "fsync: I/O error"}; }

/// One commit: `change` applies it to rows.
template <typename Change>
Result<void> CommitRows(Connection& connection, Change change) {
  if (auto written = connection.disk->Write(); !written) return written;
  SpoolFileModel& file = *connection.file;
  if (!connection.disk->Sync()) {
    file.has_lost_frames = true;
    change(file.ghosts);
    return SyncFailed();
  }
  change(file.visible);
  if (!file.has_lost_frames) file.synced = file.visible;
  return {};
}

}  // namespace

Result<std::unique_ptr<SpoolDatabase>> SpoolDatabase::Open(const Options& options) {
  Process& process = Process::Here();
  Disk& disk = process.disk();
  if (auto read = disk.Read(); !read) return read.error();
  if (disk.faults.cannot_open) return Error{Remedy::kStop, "cannot_open", "permission denied"};
  if (!disk.file) {
    if (auto written = disk.Write(); !written) return written.error();
    if (!disk.file) disk.MakeFile();
  }
  if (disk.file->user != nullptr) return Error{Remedy::kStop, "in_use", "another process has it"};
  std::unique_ptr<SpoolDatabase> database(new SpoolDatabase);
  const auto file = disk.file;
  file->user = &process.host();
  // Recovery: the log's frames are seen, synced or not.
  file->visible.insert(file->ghosts.begin(), file->ghosts.end());
  file->ghosts.clear();
  if (!disk.log) disk.MakeLog();
  database->path_ = options.path;
  database->file_ = simulation::intake::IdentityOfInode(file->inode);
  database->log_ = simulation::intake::IdentityOfInode(*disk.log);
  Connections()[database.get()] = {.disk = &disk, .host = &process.host(), .file = file};
  return database;
}

SpoolDatabase::~SpoolDatabase() {
  const auto node = Connections().extract(this);
  if (node.empty()) return;
  const Connection& connection = node.mapped();
  if (connection.file->user == connection.host) connection.file->user = nullptr;
}

SpoolDatabase::Place SpoolDatabase::FindPlace() const {
  const Disk& disk = *Of(*this).disk;
  if (!disk.file || simulation::intake::IdentityOfInode(disk.file->inode) != file_)
    return Place::kGone;
  if (!disk.log) return Place::kLogGone;
  return simulation::intake::IdentityOfInode(*disk.log) == log_ ? Place::kRight
                                                                : Place::kLogReplaced;
}

Result<void> SpoolDatabase::SettleLog() {
  Connection& connection = Of(*this);
  if (auto written = connection.disk->Write(); !written) return written;
  if (!connection.disk->Sync()) return SyncFailed();
  connection.file->has_lost_frames = false;
  connection.file->synced = connection.file->visible;
  return {};
}

Result<std::int64_t> SpoolDatabase::LastSequence() {
  const Connection& connection = Of(*this);
  if (auto read = connection.disk->Read(); !read) return read.error();
  const Rows& rows = connection.file->visible;
  return rows.empty() ? std::int64_t{0} : rows.rbegin()->first;
}

Result<std::size_t> SpoolDatabase::UsedBytes() {
  const Connection& connection = Of(*this);
  if (auto read = connection.disk->Read(); !read) return read.error();
  std::size_t used = kPage;
  for (const auto& [sequence, row] : connection.file->visible) used += row.callback.size;
  return (used + kPage - 1) / kPage * kPage;
}

SpoolDatabase::Counted SpoolDatabase::Count(std::int64_t after, std::int64_t last,
                                            common::Deadline /*deadline*/, const Which& is_done) {
  const Connection& connection = Of(*this);
  Counted counted{.last_sequence = after};
  if (auto read = connection.disk->Read(); !read) {
    counted.error = read.error();
    return counted;
  }
  std::uint64_t most = 1 + connection.disk->random().Below(kMostAtOnce);
  const Rows& rows = connection.file->visible;
  for (auto row = rows.upper_bound(after); row != rows.end() && row->first <= last; ++row) {
    if (most-- == 0) return counted;
    counted.last_sequence = row->first;
    const SpooledCallback& callback = row->second.callback;
    SpoolHoldings::Amount& amount = is_done && is_done(row->first)
                                        ? counted.holdings.done
                                        : counted.holdings.by_provider[callback.envelope.provider];
    amount.Add(callback.size);
  }
  counted.last_sequence = last;
  counted.is_all = true;
  return counted;
}

Result<void> SpoolDatabase::Append(std::span<const SpooledCallback> callbacks) {
  Connection& connection = Of(*this);
  return CommitRows(connection, [&](Rows& rows) {
    for (const SpooledCallback& callback : callbacks) {
      StoredRow row{.callback = callback, .stored_at = connection.disk->runtime().now()};
      row.callback.envelope.spooled = true;
      rows.insert_or_assign(callback.sequence, std::move(row));
    }
  });
}

Result<void> SpoolDatabase::AppendAll(const Next& next) {
  std::vector<SpooledCallback> all;
  for (;;) {
    auto callbacks = next();
    if (!callbacks) return callbacks.error();
    if (callbacks->empty()) break;
    all.insert(all.end(), callbacks->begin(), callbacks->end());
  }
  return Append(all);
}

Result<void> SpoolDatabase::Remove(std::span<const SequenceRange> ranges,
                                   const OnRemoved& removed) {
  Connection& connection = Of(*this);
  if (auto written = connection.disk->Write(); !written) return written;
  SpoolFileModel& file = *connection.file;
  const bool is_synced = connection.disk->Sync();
  for (const SequenceRange& range : ranges) {
    for (auto row = file.visible.lower_bound(range.from);
         row != file.visible.end() && row->first <= range.to;) {
      connection.disk->watch().Removed(*connection.host, row->second);
      if (removed) removed(row->first, row->second.callback.size);
      row = is_synced ? file.visible.erase(row) : std::next(row);
    }
  }
  if (!is_synced) {
    file.has_lost_frames = true;
    return SyncFailed();
  }
  if (!file.has_lost_frames) file.synced = file.visible;
  return {};
}

Result<std::vector<SpooledCallback>> SpoolDatabase::ReadAfter(std::int64_t sequence,
                                                              std::size_t max_records,
                                                              std::size_t max_bytes) {
  const Connection& connection = Of(*this);
  if (auto read = connection.disk->Read(); !read) return read.error();
  std::vector<SpooledCallback> callbacks;
  std::size_t bytes = 0;
  const Rows& rows = connection.file->visible;
  for (auto row = rows.upper_bound(sequence); row != rows.end(); ++row) {
    bytes += row->second.callback.size;
    const bool is_enough = callbacks.size() >= max_records || bytes > max_bytes;
    if (!callbacks.empty() && is_enough) break;
    callbacks.push_back(row->second.callback);
  }
  return callbacks;
}

SpoolDatabase::Scanned SpoolDatabase::Scan(std::int64_t from, std::int64_t to, std::size_t most,
                                           common::Deadline /*deadline*/, const Visit& visit) {
  const Connection& connection = Of(*this);
  Scanned scanned{.passed = from - 1};
  if (auto read = connection.disk->Read(); !read) {
    scanned.error = read.error();
    return scanned;
  }
  const auto at_once =
      std::min<std::size_t>(most, 1 + connection.disk->random().Below(kMostAtOnce));
  std::size_t count = 0;
  const Rows& rows = connection.file->visible;
  for (auto row = rows.lower_bound(from); row != rows.end() && row->first <= to; ++row) {
    const SpooledCallback& callback = row->second.callback;
    scanned.passed = row->first;
    visit({.sequence = row->first,
           .provider = callback.envelope.provider,
           .key = callback.envelope.key,
           .size = callback.size});
    if (++count == at_once) return scanned;
  }
  scanned.passed = to;
  return scanned;
}

Result<std::optional<common::WallTime>> SpoolDatabase::OldestReceivedAt() {
  const Connection& connection = Of(*this);
  if (auto read = connection.disk->Read(); !read) return read.error();
  const Rows& rows = connection.file->visible;
  if (rows.empty()) return std::optional<common::WallTime>();
  return std::optional(rows.begin()->second.callback.envelope.received_at);
}

Result<void> SpoolDatabase::Probe() {
  return CommitRows(Of(*this), [](Rows& /*rows*/) {});
}

Result<void> SpoolDatabase::ShortenLog() { return {}; }

}  // namespace ingest
