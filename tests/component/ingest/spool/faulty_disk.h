#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace ingest {

/// A file system for SQLite, over the real one, that fails as it is told and can lose its power.
///
/// What is written shows at once but is on the disk only after a sync. A sync that fails forgets
/// what it should have written: it still shows, the next sync has nothing to do, and a power cut
/// loses it. So Linux does since 4.13.
///
/// Threads: any.
class FaultyDisk {
 public:
  enum class Kind { kOpen, kRead, kWrite, kTruncate, kSync, kDelete };
  struct Call {
    Kind kind = Kind::kRead;
    bool is_log = false;      ///< The write-ahead log; otherwise the table's file.
    int number = 0;           ///< Of all calls that change something, from 1.
    std::int64_t offset = 0;  ///< Of what is read.
  };
  enum class Fault {
    kNone,
    kFull,        ///< ENOSPC.
    kError,       ///< EIO.
    kNoMemory,    ///< Of a read; a write succeeds.
    kHalf,        ///< Of a write: the first half only, then ENOSPC.
    kDie,         ///< SIGKILL to this process, before anything is done.
    kDieHalfway,  ///< Of a write: after its first half.
  };
  using Rule = std::function<Fault(const Call&)>;

  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  /// For SpoolDatabase::Options::vfs.
  [[nodiscard]] const std::string& name() const { return name_; }

  void SetRule(Rule rule);
  /// Every call of that kind fails so.
  void Fail(Kind kind, Fault fault);
  void Mend() { SetRule({}); }

  /// Calls so far that change something.
  [[nodiscard]] int changes() const;

  /// Every file is again what was on the disk. No file may be open.
  void CutPower();

 private:
  struct Image {
    std::map<std::int64_t, std::string> pages{};  ///< On the disk.
    std::int64_t size = 0;
    std::set<std::int64_t> dirty{};
  };
  friend struct FaultyFile;
  friend struct FaultyCalls;

  Fault Ask(Kind kind, bool is_log, std::int64_t offset = 0);
  void Opened(const std::string& path);
  void Written(const std::string& path, std::int64_t offset, int size);
  void Synced(const std::string& path, bool is_done);

  std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  mutable std::mutex mutex_;
  Rule rule_;
  int changes_ = 0;
  std::map<std::string, Image> images_;
};

}  // namespace ingest
