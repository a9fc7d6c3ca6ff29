#include "tests/simulation/ingest/disk/disk.h"

#include <algorithm>

namespace simulation::intake {

using common::Error;
using common::Remedy;
using std::chrono::microseconds;
using std::chrono::milliseconds;

common::Result<void> Disk::Wait(Span span) {
  const Host& host = *runtime_.host();
  const Error dead{Remedy::kStop, "closed", "the process is dead"};
  if (host.is_dead) return dead;
  const Time done = runtime_.now() + span;
  // In pieces: a hang may begin or end meanwhile, and a dead process waits for nothing.
  while (runtime_.now() < std::max(done, faults.hangs_until)) {
    const Time until = std::max(done, faults.hangs_until);
    runtime_.Sleep(std::min<Span>(until - runtime_.now(), milliseconds(20)));
    if (host.is_dead) return dead;
  }
  return {};
}

common::Result<void> Disk::Read() {
  if (faults.hangs_until <= runtime_.now()) return Wait(microseconds(50));
  return Wait(microseconds(200));
}

common::Result<void> Disk::Write() {
  const Span usual = random_.Between(microseconds(300), milliseconds(4));
  const Span slow = faults.slowness > Span(0)
                        ? random_.Between(microseconds(0),
                                          std::chrono::duration_cast<microseconds>(faults.slowness))
                        : Span(0);
  if (auto waited = Wait(usual + slow); !waited) return waited;
  if (faults.is_full) return Error{Remedy::kRetry, "disk_full", "the disk is full"};
  if (faults.refuses_writes) return Error{Remedy::kRetry, "write_failed", "write: I/O error"};
  return {};
}

std::shared_ptr<SpoolFileModel> Disk::MakeFile() {
  file = std::make_shared<SpoolFileModel>();
  file->inode = ++last_inode_;
  return file;
}

std::optional<std::uint64_t> Disk::FreeBytes() const {
  if (faults.is_full) return 0;
  return capacity - std::min(capacity, UsedBytes());
}

std::uint64_t Disk::UsedBytes() const {
  std::uint64_t used = 0;
  for (const auto& one : LiveFiles()) {
    for (const auto& [sequence, row] : one->visible) used += 2 * row.callback.size;
  }
  return used;
}

void Disk::MoveAway() {
  if (file) moved_.push_back(file);
  file.reset();
  log.reset();
}

void Disk::ProcessEnded(const Host& host, bool has_power) {
  auto all = moved_;
  if (file) all.push_back(file);
  for (const auto& one : all) {
    if (one->user == &host) one->user = nullptr;
    if (has_power) continue;
    one->visible = one->synced;
    one->ghosts.clear();
    one->has_lost_frames = false;
  }
}

std::vector<std::shared_ptr<SpoolFileModel>> Disk::LiveFiles() const {
  std::vector<std::shared_ptr<SpoolFileModel>> live;
  if (file) live.push_back(file);
  for (const auto& one : moved_) {
    if (one->user != nullptr) live.push_back(one);
  }
  return live;
}

namespace {

bool Holds(const SpoolFileModel& file, const std::string& request_id) {
  return std::ranges::any_of(file.synced, [&](const auto& row) {
    return row.second.callback.envelope.request_id == request_id;
  });
}

}  // namespace

// Writes to a file that is not at its path are lost with the process.
bool Disk::HasSynced(const std::string& request_id) const {
  return file && Holds(*file, request_id);
}

bool Disk::HasRefused(const std::string& request_id) const {
  return std::ranges::any_of(refused, [&](const ingest::RefusedCallback& one) {
    return one.envelope.request_id == request_id;
  });
}

bool Disk::IsOrphaned(const std::string& request_id) const {
  return std::ranges::any_of(
      moved_, [&](const auto& one) { return one->user == nullptr && Holds(*one, request_id); });
}

}  // namespace simulation::intake
