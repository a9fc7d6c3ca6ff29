#pragma once

#include <filesystem>
#include <string>

#include "common/base/result.h"

namespace ctl {

/// A private copy of a spool's file and log, which a running ingest keeps locked. Removed at the
/// end.
///
/// The copy is what the spool held at one moment: it is made again, a few times at most, if ingest
/// has moved its log into the file meanwhile.
///
/// Errors: kRetry "busy"; kStop if a file cannot be read, or no copy can be written to the folder
///         for temporary files.
class SpoolSnapshot {
 public:
  static common::Result<SpoolSnapshot> Take(const std::string& path);

  SpoolSnapshot(SpoolSnapshot&& other) noexcept;
  SpoolSnapshot& operator=(SpoolSnapshot&&) = delete;
  ~SpoolSnapshot();

  [[nodiscard]] std::string path() const { return folder_ / "spool.db"; }
  [[nodiscard]] std::string log_path() const { return path() + "-wal"; }

 private:
  explicit SpoolSnapshot(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::filesystem::path folder_;
};

}  // namespace ctl
