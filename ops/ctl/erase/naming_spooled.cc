#include "ops/ctl/erase/naming_spooled.h"

#include <chrono>
#include <filesystem>
#include <istream>
#include <optional>
#include <system_error>
#include <utility>

#include "common/callback/callback_facts.h"
#include "common/domain/callback_record.h"
#include "ingest/spool/refused_callbacks.h"
#include "ingest/spool/spool_database.h"
#include "ops/ctl/erase/spool_snapshot.h"
#include "ops/ctl/shell/arguments.h"

namespace ctl {
namespace {

namespace fs = std::filesystem;
using common::Result;
using ingest::RefusedCallback;
using ingest::RefusedCallbacks;

constexpr std::chrono::seconds kPatience{5};
constexpr std::size_t kMostRecords = 1000;
constexpr std::size_t kMostBytes = 16UL * 1024 * 1024;

bool Exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool Names(const common::Envelope& envelope, const DossierName& dossier,
           const std::set<std::string>& processes, const common::ProviderTable& providers) {
  const common::CallbackFacts facts =
      common::ReadCallback(envelope.body, common::HeadersOf(envelope), providers);
  if (facts.dossier == dossier.id()) return true;
  if (facts.dossier.empty() && processes.contains(envelope.key)) return true;
  bool is_there = dossier.IsIn(envelope.body) || dossier.IsIn(envelope.key);
  common::ForEachHeader(envelope, [&](std::string_view /*name*/, std::string_view value) {
    is_there = is_there || dossier.IsIn(value);
  });
  return is_there;
}

/// True if the file's bytes contain the id, in a callback or in the remains of one.
bool IsInFile(std::istream& file, const DossierName& dossier, const std::stop_token& stop) {
  constexpr std::size_t kBlock = std::size_t{1} << 20;
  const std::size_t overlap = dossier.id().str().size();
  std::string block;
  while (file && !stop.stop_requested()) {
    block.erase(0, block.size() - std::min(block.size(), overlap));
    const std::size_t kept = block.size();
    block.resize(kept + kBlock);
    file.read(block.data() + kept, static_cast<std::streamsize>(kBlock));
    block.resize(kept + static_cast<std::size_t>(file.gcount()));
    if (dossier.IsIn(block)) return true;
  }
  return false;
}

class SpoolSearch {
 public:
  SpoolSearch(const std::string& path, const DossierName& dossier,
              const std::set<std::string>& processes, const common::ProviderTable& providers,
              const std::stop_token& stop)
      : path_(path), dossier_(dossier), processes_(processes), providers_(providers), stop_(stop) {}

  NamingSpooledCallbacks Run() {
    const bool is_of_refused = path_.ends_with(RefusedCallbacks::PathBeside(""));
    const std::string refused = is_of_refused ? path_ : RefusedCallbacks::PathBeside(path_);
    if (!Exists(path_) && !Exists(refused)) {
      found_.gaps.push_back("there is no file " + path_);
      return std::move(found_);
    }
    Note(refused, ReadRefused(refused));
    if (!is_of_refused && Exists(path_)) Note(path_, ReadWaiting());
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool Names(const common::Envelope& envelope) const {
    return ctl::Names(envelope, dossier_, processes_, providers_);
  }

  void Note(const std::string& file, const Result<void>& read) {
    if (!read) found_.gaps.push_back(file + " could not be read: " + read.error().detail);
  }

  Result<void> ReadRefused(const std::string& file) {
    RefusedCallbacks callbacks(file, {}, kPatience);
    auto read = callbacks.ForEach({}, [&](const RefusedCallback& callback) {
      if (Names(callback.envelope)) Add(file, true, callback.envelope);
      return !stop_.stop_requested();
    });
    if (read && stop_.stop_requested()) return Interrupted();
    return read;
  }

  Result<void> ReadWaiting() {
    auto snapshot = SpoolSnapshot::Make(path_, stop_);
    if (!snapshot) return snapshot.error();
    const bool is_in_bytes =
        IsInFile(snapshot->file(), dossier_, stop_) || IsInFile(snapshot->log(), dossier_, stop_);
    const std::size_t before = found_.callbacks.size();
    for (std::int64_t sequence = 0;;) {
      if (stop_.stop_requested()) return Interrupted();
      const auto read = snapshot->database().ReadAfter(sequence, kMostRecords, kMostBytes);
      if (!read) return read.error();
      if (read->empty()) break;
      sequence = read->back().sequence;
      for (const ingest::SpooledCallback& callback : *read) {
        if (Names(callback.envelope)) Add(path_, false, callback.envelope);
      }
    }
    if (is_in_bytes && found_.callbacks.size() == before) {
      found_.remarks.push_back(path_ +
                               ": no callback that waits names the dossier, but pages that ingest "
                               "has not overwritten yet do");
    }
    return {};
  }

  void Add(const std::string& file, bool is_refused, const common::Envelope& envelope) {
    found_.callbacks.push_back({.path = file,
                                .is_refused = is_refused,
                                .request_id = envelope.request_id,
                                .received_at = envelope.received_at});
  }

  const std::string& path_;
  const DossierName& dossier_;
  const std::set<std::string>& processes_;
  const common::ProviderTable& providers_;
  const std::stop_token& stop_;
  NamingSpooledCallbacks found_;
};

}  // namespace

NamingSpooledCallbacks FindNamingSpooled(const std::string& path, const DossierName& dossier,
                                         const std::set<std::string>& processes,
                                         const common::ProviderTable& providers,
                                         const std::stop_token& stop) {
  return SpoolSearch(path, dossier, processes, providers, stop).Run();
}

}  // namespace ctl
