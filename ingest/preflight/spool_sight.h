#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/preflight/report.h"
#include "ingest/config.h"

namespace ingest {

/// The machine's facts about the place of a spool, found without a write.
struct SpoolSight {
  std::string folder = {};
  bool is_folder = false;
  bool is_folder_writable = false;
  bool exists = false;  ///< The spool's file.
  bool is_file = true;  ///< Rather than a folder or a device.
  bool is_file_writable = true;
  std::uint64_t used_bytes = 0;  ///< By the file and its log.
  bool is_disk_known = false;    ///< The next two.
  std::uint64_t free_bytes = 0;  ///< For this user.
  std::int64_t kind = 0;         ///< statfs(2): the magic number of the file system.
  bool is_read_only = false;
};

[[nodiscard]] SpoolSight LookAtSpool(const std::string& path);

/// The line spool of a configured spool.
void JudgeSpool(const SpoolConfig& config, std::size_t max_body, const SpoolSight& sight,
                common::preflight::Report& report);

/// The line spool without one. `once`: the providers with secrets that send a callback only once.
void JudgeNoSpool(const std::vector<std::string>& once, common::preflight::Report& report);

}  // namespace ingest
