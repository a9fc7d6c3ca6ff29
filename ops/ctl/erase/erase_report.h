#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/record_position.h"
#include "ops/ctl/erase/dossier_deletion.h"
#include "ops/ctl/erase/record_end.h"

namespace ctl {

/// A record on a topic that names the dossier.
struct NamingRecord {
  enum class What { kCallback, kResult, kAnnouncement, kLetter, kMarker };
  /// How it names it.
  enum class How {
    kField,  ///< As `dossierId`.
    kText,   ///< The id is somewhere in its bytes.
    kKey,    ///< Without a dossierId; its key is a processId of the dossier.
    kHash,   ///< It is the marker of a record that does.
  };
  What what = What::kCallback;
  How how = How::kField;
  std::string topic;
  common::RecordPosition place;
  common::WallTime at{};  ///< Record time.
  RecordEnd end{};
};
[[nodiscard]] std::string_view ToText(NamingRecord::What what);
[[nodiscard]] std::string_view ToText(NamingRecord::How how);

/// A callback on ingest's disk that names it.
struct NamingSpooled {
  std::string path;
  bool is_refused = false;  ///< In the file of refused callbacks; else it waits for Kafka.
  std::string request_id;
  common::WallTime received_at{};
};

struct EraseReport {
  std::string dossier;
  std::vector<NamingRecord> records{};
  std::vector<NamingSpooled> spooled{};
  std::optional<DeletionReport> at_signicat{};  ///< None: not asked.
  /// Sentences: what could not be read.
  std::vector<std::string> gaps{};
  /// Sentences: what else to know.
  std::vector<std::string> remarks{};
};

/// Its first line is the verdict.
[[nodiscard]] std::string RenderText(const EraseReport& report);
[[nodiscard]] std::string RenderJson(const EraseReport& report);

/// 1: something could not be read, or Signicat did not confirm the deletion; 3: a record has no
/// known end, or Signicat has not deleted the dossier; 4: nothing names it, and Signicat was not
/// asked; else 0. The first of them that applies.
[[nodiscard]] int StatusOf(const EraseReport& report);

}  // namespace ctl
