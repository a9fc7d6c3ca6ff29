// ingest/spool/refused_callbacks.h on the model disk, in the place of the one on SQLite.
#include "ingest/spool/refused_callbacks.h"

#include <algorithm>

#include "tests/simulation/ingest/disk/disk.h"
#include "tests/simulation/ingest/world/process.h"

namespace ingest {
namespace {

using common::Error;
using common::Remedy;
using common::Result;
using simulation::intake::Disk;
using simulation::intake::Process;

Result<void> Write(Disk& disk) {
  if (disk.faults.is_busy) return Error{Remedy::kRetry, "busy", "another process writes"};
  if (auto written = disk.Write(); !written) return written;
  if (!disk.Sync()) return Error{Remedy::kAbort, "sync_failed", "fsync: I/O error"};
  return {};
}

}  // namespace

Result<void> RefusedCallbacks::Keep(std::span<const RefusedCallback> callbacks) {
  Disk& disk = Process::Here().disk();
  if (auto written = Write(disk); !written) return written;
  for (const RefusedCallback& callback : callbacks) {
    std::erase_if(disk.refused, [&](const RefusedCallback& kept) {
      return kept.envelope.request_id == callback.envelope.request_id;
    });
    disk.refused.push_back(callback);
    disk.watch().Refused(callback.envelope.request_id);
  }
  return {};
}

Result<void> RefusedCallbacks::Remove(std::span<const std::string> request_ids) {
  Disk& disk = Process::Here().disk();
  if (disk.refused.empty()) return {};
  if (auto written = Write(disk); !written) return written;
  std::erase_if(disk.refused, [&](const RefusedCallback& kept) {
    return std::ranges::find(request_ids, kept.envelope.request_id) != request_ids.end();
  });
  return {};
}

Result<RefusedCallbacks::Counts> RefusedCallbacks::Count() {
  Disk& disk = Process::Here().disk();
  if (disk.faults.is_busy) return Error{Remedy::kRetry, "busy", "another process writes"};
  if (auto read = disk.Read(); !read) return read.error();
  Counts counts{.records = disk.refused.size()};
  for (const RefusedCallback& kept : disk.refused) counts.to_be_retried += kept.is_to_be_retried;
  return counts;
}

Result<void> RefusedCallbacks::ForEach(const Selection& selection, const Visit& visit) {
  Disk& disk = Process::Here().disk();
  if (auto read = disk.Read(); !read) return read;
  for (const RefusedCallback& kept : std::vector(disk.refused)) {
    if (selection.only_to_be_retried && !kept.is_to_be_retried) continue;
    if (!visit(kept)) return {};
  }
  return {};
}

Result<std::size_t> RefusedCallbacks::MarkForRetry(const std::optional<std::string>& request_id) {
  std::size_t marked = 0;
  for (RefusedCallback& kept : Process::Here().disk().refused) {
    if (request_id && kept.envelope.request_id != *request_id) continue;
    kept.is_to_be_retried = true;
    ++marked;
  }
  return marked;
}

}  // namespace ingest
