#include "ops/ctl/spool/drop_record.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "common/base/fd.h"
#include "common/base/sha256.h"
#include "common/base/text.h"
#include "common/json/object_writer.h"
#include "ops/ctl/shell/output.h"

namespace ctl {
namespace {

common::Error Failed(const std::string& path) {
  return {common::Remedy::kStop, "cannot_record",
          "cannot write " + path +
              ", so nothing was dropped: " + std::generic_category().message(errno)};
}

std::string FolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

std::string DropRecordOf(const std::string& spool_path) { return spool_path + ".dropped"; }

std::string LinesOf(std::span<const ingest::RefusedCallback> callbacks,
                    common::WallTime dropped_at) {
  std::string lines;
  for (const ingest::RefusedCallback& callback : callbacks) {
    const common::Envelope& envelope = callback.envelope;
    common::json::ObjectWriter writer;
    writer.Text("droppedAt", common::FormatRfc3339(dropped_at))
        .Text("requestId", envelope.request_id);
    if (IsUtf8(envelope.provider)) {
      writer.Text("provider", envelope.provider);
    } else {
      writer.Text("providerHex", common::ToHex(envelope.provider));
    }
    lines += writer.Text("receivedAt", common::FormatRfc3339(envelope.received_at))
                 .Text("refusedAt", common::FormatRfc3339(callback.refused_at))
                 .Text("reason", callback.reason)
                 .Number("bytes", static_cast<std::int64_t>(callback.body_size))
                 .Text("sha256", common::Sha256Hex(envelope.body))
                 .Finish() +
             "\n";
  }
  return lines;
}

common::Result<void> AppendToRecord(const std::string& path, std::string_view lines) {
  constexpr mode_t kOwnerOnly = 0600;
  const common::Fd file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, kOwnerOnly));
  if (!file) return Failed(path);
  while (!lines.empty()) {
    const ssize_t written = ::write(file.get(), lines.data(), lines.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed(path);
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
  const common::Fd folder(::open(FolderOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (::fsync(file.get()) != 0 || !folder || ::fsync(folder.get()) != 0) return Failed(path);
  return {};
}

}  // namespace ctl
