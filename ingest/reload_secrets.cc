#include "ingest/reload_secrets.h"

#include <cstddef>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "common/base/deadline.h"

namespace ingest {
namespace {

using common::Deadline;
using common::config::FileReads;
using Paths = std::vector<std::string>;

/// A row that is to be read again.
struct Row {
  CredentialStore* store = nullptr;
  std::size_t index = 0;
  Paths files{};
};

std::vector<Row> RowsWithFiles(std::span<CredentialStore* const> stores) {
  std::vector<Row> rows;
  for (CredentialStore* store : stores) {
    for (std::size_t index = 0; index < store->sources().size(); ++index) {
      Paths files = FilesOf(store->sources()[index]);
      if (!files.empty())
        rows.push_back({.store = store, .index = index, .files = std::move(files)});
    }
  }
  return rows;
}

/// Files of the rows whose reads go on.
Paths FindUnread(const std::vector<Row>& rows, const FileReads& reads) {
  Paths unread;
  for (const Row& row : rows) {
    for (const std::string& file : row.files) {
      if (!reads.HasEnded(file)) unread.push_back(file);
    }
  }
  return unread;
}

common::Error HasNotAnswered(const std::string& file, std::chrono::milliseconds longest) {
  return {common::Remedy::kReject, "secret_file",
          "the file " + file + " was not read within " + std::to_string(longest.count()) +
              " ms: its disk or mount hangs; send SIGHUP again once it answers"};
}

/// One reload.
class Reload {
 public:
  Reload(std::span<CredentialStore* const> stores, FileReads& reads, SecretsEvents& events,
         std::chrono::milliseconds longest)
      : reads_(reads), events_(events), longest_(longest), rows_(RowsWithFiles(stores)) {}

  bool Run() {
    const auto deadline = Deadline::After(longest_);
    for (const Row& row : rows_) {
      for (const std::string& file : row.files) reads_.Begin(file);
    }
    while (!rows_.empty()) {
      const Paths unread = FindUnread(rows_, reads_);
      const bool is_late = !unread.empty() && !reads_.AwaitAny(unread, deadline);
      std::erase_if(rows_, [&](const Row& row) { return AdoptSecrets(row, is_late); });
    }
    return is_complete_;
  }

 private:
  /// False: its files go on being read.
  bool AdoptSecrets(const Row& row, bool is_late) {
    if (!is_late && !FindUnread({row}, reads_).empty()) return false;
    const CredentialSource& source = row.store->sources()[row.index];
    auto loaded = LoadCredentials(source, [this](const std::string& file) {
      return reads_.Find(file).value_or(HasNotAnswered(file, longest_));
    });
    if (loaded) {
      row.store->Replace(row.index, *std::move(loaded));
    } else {
      is_complete_ = false;
      events_.SecretsNotReloaded(source.provider, loaded.error().detail);
    }
    return true;
  }

  FileReads& reads_;
  SecretsEvents& events_;
  const std::chrono::milliseconds longest_;
  std::vector<Row> rows_;
  bool is_complete_ = true;
};

}  // namespace

bool ReloadSecrets(std::span<CredentialStore* const> stores, FileReads& reads,
                   SecretsEvents& events, std::chrono::milliseconds longest) {
  bool is_complete = false;
  try {
    is_complete = Reload(stores, reads, events, longest).Run();
  } catch (const std::exception& error) {
    events.SecretsNotReloaded("every provider", error.what());
  }
  reads.Forget();
  return is_complete;
}

}  // namespace ingest
