#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "common/base/result.h"

namespace ingest {

/// Creates an empty file that only its owner may read, and syncs its directory. Removes other
/// users' permissions from an existing file.
///
/// Errors: kStop. Never creates a directory, nor a file beside another file's log, which SQLite
///         would discard.
common::Result<void> PrepareSpoolFile(const std::string& path);

/// The path of the file's write-ahead log.
[[nodiscard]] std::string LogOf(const std::string& path);
/// The path that SQLite uses: beside the target of a link.
[[nodiscard]] std::string LogBesideTarget(const std::string& path);

/// The file at a path at one moment. Anybody with write permission on the directory may replace or
/// remove it.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};
/// nullopt if there is no file or it is inaccessible.
[[nodiscard]] std::optional<FileIdentity> IdentityOf(const std::string& path);

/// A file and its log. SQLite applies a log to whatever file it lies beside.
struct SpoolFiles {
  std::optional<FileIdentity> file{};
  std::optional<FileIdentity> log{};
};
/// The files at the path now. The log lies beside the target of a link.
[[nodiscard]] SpoolFiles FilesAt(const std::string& path);
/// The error for a log that belongs to another file.
[[nodiscard]] common::Error ForeignLogError();
/// True if the log at the path is not empty.
[[nodiscard]] bool HasLogAt(const std::string& path);
/// True if exactly one of the two was replaced since `were`; false if one is missing.
[[nodiscard]] bool AreMixed(const SpoolFiles& were, const SpoolFiles& are);

/// Bytes of the file and its log, as far as they exist.
[[nodiscard]] std::uint64_t SizeOfSpoolFiles(const std::string& path);

/// Bytes that the file system leaves to us; nullopt: unknown.
using FreeDisk = std::function<std::optional<std::uint64_t>()>;
[[nodiscard]] FreeDisk FreeDiskAt(const std::string& path);

}  // namespace ingest
