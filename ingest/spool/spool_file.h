#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "common/base/result.h"

namespace ingest {

/// Makes an empty file that only its owner may read, durably named in its directory; takes the
/// rights of others away from one that is there already.
///
/// Errors: kStop; a directory is never made, and no file beside a log that another one has left:
///         SQLite would throw the log away.
common::Result<void> PrepareSpoolFile(const std::string& path);

/// The write-ahead log of the file.
[[nodiscard]] std::string LogOf(const std::string& path);

/// What a path names just now: a path is given to another file, or to none, by whoever may write to
/// its directory.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};
/// nullopt: nothing, or nothing that could be looked at.
[[nodiscard]] std::optional<FileIdentity> IdentityOf(const std::string& path);

/// A file and its log, whose frames SQLite takes for those of whatever file they lie beside.
struct SpoolFiles {
  std::optional<FileIdentity> file{};
  std::optional<FileIdentity> log{};
};
/// What lies there just now; a log beside what the path links to.
[[nodiscard]] SpoolFiles FilesAt(const std::string& path);
/// Whether the log at the path holds anything.
[[nodiscard]] bool HasLogAt(const std::string& path);
/// Whether of the two that `were` together exactly one was exchanged since; not, where one is gone.
[[nodiscard]] bool AreMixed(const SpoolFiles& were, const SpoolFiles& are);

/// Bytes that the file system leaves to us; nullopt: it does not say.
using FreeDisk = std::function<std::optional<std::uint64_t>()>;
[[nodiscard]] FreeDisk FreeDiskAt(const std::string& path);

}  // namespace ingest
