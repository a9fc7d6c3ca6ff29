#include "ingest/spool/spool_copy.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/deadline.h"
#include "ingest/spool/replay_plan.h"

namespace ingest {
namespace {

using common::Error;
using common::Result;
using Callbacks = std::vector<SpooledCallback>;

/// True if parts of the file are unreadable, at least now.
bool IsUnreadable(const Error& error) {
  return error.code == "damaged" || error.code == "unreadable" || error.code == "io_error";
}

/// Reads a file from beginning to end, around unreadable rows.
class Reader {
 public:
  Reader(SpoolDatabase& from, const CopyOptions& options) : from_(from), options_(options) {}

  /// Empty at the end.
  Result<Callbacks> Next() {
    auto callbacks = Read(ReplayPlan::kMaxRecords);
    // Reads one by one if some are unreadable.
    while (!callbacks && options_.leaves_unreadable && IsUnreadable(callbacks.error())) {
      callbacks = Read(1);
      if (!callbacks && !StepOver()) return Callbacks();
    }
    if (callbacks && !callbacks->empty()) read_to_ = callbacks->back().sequence;
    return callbacks;
  }
  [[nodiscard]] std::size_t unreadable() const { return unreadable_; }

 private:
  Result<Callbacks> Read(std::size_t most) {
    if (read_to_ >= last_) return Callbacks();
    return from_.ReadAfter(read_to_, most, ReplayPlan::kMaxBytes);
  }

  /// The next callback's sequence; nullopt if it cannot be read.
  std::optional<std::int64_t> FindFrom(std::int64_t sequence) {
    std::int64_t found = last_ + 1;
    const auto scanned = from_.Scan(sequence, last_, 1, common::Deadline::After({}),
                                    [&](const auto& row) { found = row.sequence; });
    return scanned.error ? std::nullopt : std::optional(found);
  }

  /// False if nothing that follows is readable.
  bool StepOver() {
    if (const auto next = FindFrom(read_to_ + 1)) {
      if (*next > last_) return false;
      // The row exists, but its body is unreadable.
      read_to_ = *next;
      ++unreadable_;
      return true;
    }
    if (read_to_ + 1 < good_) return StepOverOne();
    // Doubles the distance each time, then halves back to the first readable row.
    std::int64_t bad = read_to_ + 1;
    std::int64_t good = bad;
    for (std::int64_t step = 1; !FindFrom(good); step *= 2) {
      bad = good;
      good = std::min(bad + step, last_);
      if (good != bad) continue;
      unreadable_ += options_.last.known ? static_cast<std::size_t>(last_ - read_to_) : 1;
      return false;
    }
    if (options_.is_thorough) {
      good_ = good;
      return StepOverOne();
    }
    while (good - bad > 1) {
      const std::int64_t middle = bad + (good - bad) / 2;
      (FindFrom(middle) ? good : bad) = middle;
    }
    unreadable_ += static_cast<std::size_t>(bad - read_to_);
    read_to_ = bad;
    return true;
  }

  bool StepOverOne() {
    ++read_to_;
    ++unreadable_;
    return true;
  }

  SpoolDatabase& from_;
  const CopyOptions& options_;
  const std::int64_t last_ = options_.last.Bound();
  std::int64_t read_to_ = 0;
  std::int64_t good_ = 0;  // Readable, if it is behind `read_to_`.
  std::size_t unreadable_ = 0;
};

}  // namespace

Result<Copied> CopySpool(SpoolDatabase& from, SpoolDatabase& to, const CopyOptions& options) {
  const auto last = to.LastSequence();
  if (!last) return last.error();
  std::int64_t sequence = *last;
  Copied copied;
  Reader reader(from, options);
  const auto next = [&]() -> Result<Callbacks> {
    for (;;) {
      auto callbacks = reader.Next();
      if (!callbacks || callbacks->empty()) return callbacks;
      std::erase_if(*callbacks, [&](const SpooledCallback& callback) {
        return options.left_out && options.left_out(callback.sequence);
      });
      if (callbacks->empty()) continue;
      for (SpooledCallback& callback : *callbacks) {
        callback.sequence = ++sequence;
        ++copied.records;
        copied.bytes += callback.size;
      }
      if (copied.bytes > options.max_bytes) {
        return Error{common::Remedy::kRetry, "no_room",
                     "there is no room for what waits in the file that was at its path"};
      }
      return callbacks;
    }
  };
  if (const auto stored = to.AppendAll(next); !stored) return stored.error();
  copied.unreadable = reader.unreadable();
  return copied;
}

}  // namespace ingest
