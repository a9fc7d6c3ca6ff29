#pragma once

#include <fstream>
#include <memory>
#include <stop_token>
#include <string>

#include "common/base/result.h"
#include "ingest/spool/spool_database.h"

namespace ctl {

/// A private copy of a spool's file and log, which a running ingest keeps locked. The copy has no
/// name in the file system any more, so nothing is left of it however this process ends.
///
/// The copy is what the spool held at one moment: it is made again, a few times at most, if ingest
/// has moved its log into the file meanwhile.
class SpoolSnapshot {
 public:
  /// Copies into the folder for temporary files, and removes the copy on return and on a stop. Only
  /// a process that is killed while it copies leaves it there.
  ///
  /// Errors: kRetry "busy", "interrupted"; kStop if a file cannot be read, or no copy can be
  ///         written; as SpoolDatabase::Open().
  static common::Result<SpoolSnapshot> Make(const std::string& path, const std::stop_token& stop);

  ingest::SpoolDatabase& database() { return *database_; }
  /// The bytes of the file and of its log.
  std::ifstream& file() { return file_; }
  std::ifstream& log() { return log_; }

 private:
  SpoolSnapshot() = default;

  std::ifstream file_;
  std::ifstream log_;
  std::unique_ptr<ingest::SpoolDatabase> database_;
};

}  // namespace ctl
