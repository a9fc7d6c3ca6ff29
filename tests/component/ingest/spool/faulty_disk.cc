#include "tests/component/ingest/spool/faulty_disk.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <new>
#include <string_view>
#include <utility>

namespace ingest {
namespace {

constexpr std::int64_t kPage = 4096;

sqlite3_vfs* Real() { return sqlite3_vfs_find("unix"); }

std::string ReadPage(const std::string& path, std::int64_t page) {
  std::ifstream file(path, std::ios::binary);
  file.seekg(page * kPage);
  std::string bytes(kPage, '\0');
  file.read(bytes.data(), kPage);
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

std::int64_t SizeOf(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

}  // namespace

/// SQLite allocates this struct, followed by the real file.
struct FaultyFile {
  sqlite3_file base;
  FaultyDisk* disk;
  std::string* path;  ///< Null for a temporary file.
  bool is_log;
  int opening;

  [[nodiscard]] sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  static FaultyFile& Of(sqlite3_file* file) { return *reinterpret_cast<FaultyFile*>(file); }
  FaultyDisk::DiskFault Ask(FaultyDisk::Kind kind, std::int64_t offset = 0) const {
    return disk->Ask(kind, is_log, opening, offset);
  }
};

/// The functions that SQLite calls.
struct FaultyCalls {
  using DiskFault = FaultyDisk::DiskFault;
  using Kind = FaultyDisk::Kind;

  [[noreturn]] static void Die() {
    ::kill(::getpid(), SIGKILL);
    for (;;) ::pause();
  }

  static int Close(sqlite3_file* file) {
    FaultyFile& faulty = FaultyFile::Of(file);
    delete faulty.path;
    faulty.path = nullptr;
    return faulty.real()->pMethods->xClose(faulty.real());
  }
  static int Read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
    FaultyFile& faulty = FaultyFile::Of(file);
    const DiskFault fault = faulty.Ask(Kind::kRead, offset);
    if (fault == DiskFault::kNoMemory) return SQLITE_NOMEM;
    if (fault != DiskFault::kNone) return SQLITE_IOERR_READ;
    return faulty.real()->pMethods->xRead(faulty.real(), to, size, offset);
  }
  static int Write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
    FaultyFile& faulty = FaultyFile::Of(file);
    const auto write = [&](int count) {
      const int code = faulty.real()->pMethods->xWrite(faulty.real(), from, count, offset);
      if (faulty.path != nullptr) faulty.disk->Written(*faulty.path, offset, count);
      return code;
    };
    switch (faulty.Ask(Kind::kWrite)) {
      case DiskFault::kNone:
      case DiskFault::kNoMemory:
        return write(size);
      case DiskFault::kFull:
        return SQLITE_FULL;
      case DiskFault::kError:
        return SQLITE_IOERR_WRITE;
      case DiskFault::kHalf:
        write(size / 2);
        return SQLITE_FULL;
      case DiskFault::kDieHalfway:
        write(size / 2);
        Die();
      case DiskFault::kDie:
        Die();
    }
    return SQLITE_IOERR_WRITE;
  }
  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    FaultyFile& faulty = FaultyFile::Of(file);
    const DiskFault fault = faulty.Ask(Kind::kTruncate);
    if (fault == DiskFault::kDie || fault == DiskFault::kDieHalfway) Die();
    if (fault != DiskFault::kNone) return SQLITE_IOERR_TRUNCATE;
    return faulty.real()->pMethods->xTruncate(faulty.real(), size);
  }
  static int Sync(sqlite3_file* file, int flags) {
    FaultyFile& faulty = FaultyFile::Of(file);
    const DiskFault fault = faulty.Ask(Kind::kSync);
    if (fault == DiskFault::kDie || fault == DiskFault::kDieHalfway) Die();
    if (faulty.path != nullptr) faulty.disk->Synced(*faulty.path, fault == DiskFault::kNone);
    if (fault != DiskFault::kNone) return SQLITE_IOERR_FSYNC;
    static_cast<void>(flags);  // Only this disk can lose its power.
    return SQLITE_OK;
  }
  static int FileSize(sqlite3_file* file, sqlite3_int64* size) {
    FaultyFile& faulty = FaultyFile::Of(file);
    return faulty.real()->pMethods->xFileSize(faulty.real(), size);
  }
  static int Lock(sqlite3_file* file, int level) {
    FaultyFile& faulty = FaultyFile::Of(file);
    return faulty.real()->pMethods->xLock(faulty.real(), level);
  }
  static int Unlock(sqlite3_file* file, int level) {
    FaultyFile& faulty = FaultyFile::Of(file);
    return faulty.real()->pMethods->xUnlock(faulty.real(), level);
  }
  static int CheckReservedLock(sqlite3_file* file, int* result) {
    FaultyFile& faulty = FaultyFile::Of(file);
    return faulty.real()->pMethods->xCheckReservedLock(faulty.real(), result);
  }
  static int FileControl(sqlite3_file* file, int operation, void* argument) {
    FaultyFile& faulty = FaultyFile::Of(file);
    return faulty.real()->pMethods->xFileControl(faulty.real(), operation, argument);
  }
  static int SectorSize(sqlite3_file* file) {
    FaultyFile& faulty = FaultyFile::Of(file);
    return faulty.real()->pMethods->xSectorSize(faulty.real());
  }
  static int DeviceCharacteristics(sqlite3_file* file) {
    FaultyFile& faulty = FaultyFile::Of(file);
    return faulty.real()->pMethods->xDeviceCharacteristics(faulty.real());
  }

  // Version 1: without shared memory, which the spool does not use.
  static constexpr sqlite3_io_methods kMethods = {1,
                                                  Close,
                                                  Read,
                                                  Write,
                                                  Truncate,
                                                  Sync,
                                                  FileSize,
                                                  Lock,
                                                  Unlock,
                                                  CheckReservedLock,
                                                  FileControl,
                                                  SectorSize,
                                                  DeviceCharacteristics,
                                                  nullptr,
                                                  nullptr,
                                                  nullptr,
                                                  nullptr,
                                                  nullptr,
                                                  nullptr};

  static int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    auto* disk = static_cast<FaultyDisk*>(vfs->pAppData);
    auto* faulty = new (file) FaultyFile{};
    faulty->disk = disk;
    faulty->is_log = (flags & SQLITE_OPEN_WAL) != 0;
    {
      const std::lock_guard lock(disk->mutex_);
      faulty->opening = ++disk->openings_;
    }
    const DiskFault fault = disk->Ask(Kind::kOpen, faulty->is_log, faulty->opening);
    if (fault == DiskFault::kDie || fault == DiskFault::kDieHalfway) Die();
    if (fault != DiskFault::kNone) return SQLITE_CANTOPEN;
    const int code = Real()->xOpen(Real(), name, faulty->real(), flags, out);
    if (faulty->real()->pMethods != nullptr) faulty->base.pMethods = &kMethods;
    if (code == SQLITE_OK && name != nullptr) {
      faulty->path = new std::string(name);
      disk->Opened(name);
    }
    return code;
  }
  static int Delete(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    auto* disk = static_cast<FaultyDisk*>(vfs->pAppData);
    const DiskFault fault = disk->Ask(Kind::kDelete, true);
    if (fault == DiskFault::kDie || fault == DiskFault::kDieHalfway) Die();
    if (fault != DiskFault::kNone) return SQLITE_IOERR_DELETE;
    {
      const std::lock_guard lock(disk->mutex_);
      disk->images_.erase(name);
    }
    return Real()->xDelete(Real(), name, sync_directory);
  }
};

FaultyDisk::FaultyDisk() : vfs_(std::make_unique<sqlite3_vfs>(*Real())) {
  static std::atomic<int> count = 0;
  name_ = "faulty-" + std::to_string(++count);
  vfs_->iVersion = 1;
  vfs_->zName = name_.c_str();
  vfs_->pAppData = this;
  vfs_->pNext = nullptr;
  vfs_->szOsFile = static_cast<int>(sizeof(FaultyFile)) + Real()->szOsFile;
  vfs_->xOpen = FaultyCalls::Open;
  vfs_->xDelete = FaultyCalls::Delete;
  // The other functions need the real VFS object.
  vfs_->xAccess = [](sqlite3_vfs*, const char* name, int flags, int* result) {
    return Real()->xAccess(Real(), name, flags, result);
  };
  vfs_->xFullPathname = [](sqlite3_vfs*, const char* name, int size, char* to) {
    return Real()->xFullPathname(Real(), name, size, to);
  };
  sqlite3_vfs_register(vfs_.get(), 0);
}

FaultyDisk::~FaultyDisk() { sqlite3_vfs_unregister(vfs_.get()); }

void FaultyDisk::SetRule(Rule rule) {
  const std::lock_guard lock(mutex_);
  rule_ = std::move(rule);
}

void FaultyDisk::Fail(Kind kind, DiskFault fault) {
  SetRule([kind, fault](const Call& call) { return call.kind == kind ? fault : DiskFault::kNone; });
}

int FaultyDisk::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

int FaultyDisk::openings() const {
  const std::lock_guard lock(mutex_);
  return openings_;
}

FaultyDisk::DiskFault FaultyDisk::Ask(Kind kind, bool is_log, int opening, std::int64_t offset) {
  Rule rule;
  Call call{.kind = kind, .is_log = is_log, .opening = opening, .offset = offset};
  {
    const std::lock_guard lock(mutex_);
    if (kind != Kind::kRead) ++changes_;
    call.number = changes_;
    rule = rule_;
  }
  return rule ? rule(call) : DiskFault::kNone;
}

void FaultyDisk::Opened(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (images_.contains(path)) return;
  Image image;
  image.size = SizeOf(path);
  for (std::int64_t page = 0; page * kPage < image.size; ++page) {
    image.pages[page] = ReadPage(path, page);
  }
  images_.emplace(path, std::move(image));
}

void FaultyDisk::Written(const std::string& path, std::int64_t offset, int size) {
  const std::lock_guard lock(mutex_);
  for (std::int64_t page = offset / kPage; page * kPage < offset + size; ++page) {
    images_[path].dirty.insert(page);
  }
}

void FaultyDisk::Synced(const std::string& path, bool is_done) {
  const std::lock_guard lock(mutex_);
  Image& image = images_[path];
  if (is_done) {
    image.size = SizeOf(path);
    for (const std::int64_t page : image.dirty) image.pages[page] = ReadPage(path, page);
  }
  image.dirty.clear();
}

void FaultyDisk::CutPower() {
  const std::lock_guard lock(mutex_);
  for (const auto& [path, image] : images_) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    for (const auto& [page, bytes] : image.pages) {
      file.seekp(page * kPage);
      file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    file.close();
    std::filesystem::resize_file(path, static_cast<std::uintmax_t>(image.size));
  }
  images_.clear();  // Other code may change the files before they are opened here again.
}

}  // namespace ingest
