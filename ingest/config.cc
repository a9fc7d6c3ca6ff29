#include "ingest/config.h"

#include <unistd.h>

#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "common/base/text.h"
#include "common/config/document.h"
#include "common/config/provider_settings.h"
#include "common/config/units.h"

namespace ingest {
namespace {

using common::config::Document;
using common::config::DurationRange;
using common::config::Section;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;
constexpr std::size_t kGiB = 1024 * kMiB;

/// Promise P2: ingest answers every request within 9 s; senders wait 10 s.
constexpr seconds kLongestAnswer{9};
/// A record must fit into the topic's max.message.bytes of 12 MiB, headers included.
constexpr std::size_t kLargestBody = 10 * kMiB;

void ReadHttp(const Section& root, Config& config) {
  root.Read("listen", config.listen);
  root.Read("admin", config.admin);
  root.Read("threads", config.threads, {1, 256});
  root.ReadSize("max_body", config.max_body, {1, kLargestBody});
  root.ReadSize("max_head", config.max_head, {256, kMiB});
  root.Read("header_timeout", config.header_timeout, {milliseconds(10), kLongestAnswer});
  root.Read("body_timeout", config.body_timeout, {milliseconds(10), kLongestAnswer});
  root.Read("idle_timeout", config.idle_timeout, {milliseconds(10), std::chrono::hours(1)});
  root.Read("max_connections", config.max_connections, {1, 1'000'000});
  if (root.Read("path_prefix", config.path_prefix)) {
    if (config.path_prefix.front() != '/' ||
        config.path_prefix.find_first_of("?# \t") != std::string::npos) {
      root.Mistake("path_prefix", "must be a path that starts with '/'");
    }
    while (!config.path_prefix.empty() && config.path_prefix.back() == '/') {
      config.path_prefix.pop_back();
    }
  }
}

void ReadDeadlines(const Section& root, Config& config) {
  root.Read("ack_deadline", config.ack_deadline, {milliseconds(10), kLongestAnswer});
  root.Read("answer_deadline", config.answer_deadline, {milliseconds(100), kLongestAnswerDeadline});
  root.Read("drain_delay", config.drain_delay, {milliseconds(0), minutes(10)});
  if (config.ack_deadline >= config.answer_deadline) {
    root.Mistake(root.Has("ack_deadline") ? "ack_deadline" : "answer_deadline",
                 "ack_deadline (" + common::config::FormatDuration(config.ack_deadline) +
                     ") must be shorter than answer_deadline (" +
                     common::config::FormatDuration(config.answer_deadline) + ")");
  }
}

void ReadBounds(const Section& root, Config& config) {
  root.Read("max_in_flight", config.max_in_flight, {1, 1'000'000});
  root.ReadSize("max_in_flight_bytes", config.max_in_flight_bytes, {1, 64 * kGiB});
  if (config.max_in_flight_bytes < config.max_body + config.max_head) {
    root.Mistake(root.Has("max_in_flight_bytes") ? "max_in_flight_bytes" : "max_body",
                 "max_in_flight_bytes (" + common::config::FormatSize(config.max_in_flight_bytes) +
                     ") must hold one request: max_body (" +
                     common::config::FormatSize(config.max_body) + ") and max_head (" +
                     common::config::FormatSize(config.max_head) + ")");
  }
}

void ReadSpool(const Section& root, Config& config) {
  const std::optional<Section> section = root.Child("spool");
  if (!section) return;
  SpoolConfig spool;
  section->Require("path", spool.path);
  section->ReadSize("max_bytes", spool.max_bytes, {kKiB});
  section->ReadSize("min_free_disk", spool.min_free_disk);
  if (spool.max_bytes < config.max_body) {
    section->Mistake("max_bytes", "must hold one body of max_body (" +
                                      common::config::FormatSize(config.max_body) + ")");
  }
  config.spool = std::move(spool);
}

CredentialSource ReadCredentialSource(const std::string& name, const Section& row) {
  CredentialSource source{.provider = name};
  row.ReadSecrets("authorization", source.values);
  for (std::string& value : source.values) {
    // The server trims header values in the same way.
    value = common::TrimAscii(value);
    if (value.empty()) row.Mistake("authorization", "contains a blank value");
  }
  row.Read("authorization_file", source.file);
  if (std::string auth; row.Read("auth", auth)) {
    source.open = auth == "none";
    // The message does not quote the value: it may be a secret meant for `authorization`.
    if (!source.open) row.Mistake("auth", "expected none; accepted values go to authorization");
  }
  if (source.open && (row.Has("authorization") || row.Has("authorization_file"))) {
    row.Mistake("auth", "none conflicts with authorization");
  }
  return source;
}

void ReadProviderRows(const Section& root, Config& config) {
  struct RowOfFile {
    Section section;
    CredentialSource source;
  };
  std::map<std::string, RowOfFile> in_file;
  config.providers = common::config::ReadProviders(root, [&](const common::ProviderRow& row,
                                                             const Section& section) {
    in_file.insert_or_assign(row.name, RowOfFile{section, ReadCredentialSource(row.name, section)});
  });
  for (const common::ProviderRow& row : config.providers.rows()) {
    const auto found = in_file.find(row.name);
    CredentialSource source{.provider = row.name};
    Credentials credentials;
    if (found != in_file.end()) {
      const Section& section = found->second.section;
      source = found->second.source;
      // Until ingest verifies signatures, it takes no event that must have one.
      if (row.events && row.events->signature) source = {.provider = row.name};
      common::Result<Credentials> loaded = LoadCredentials(source);
      if (loaded) {
        credentials = *std::move(loaded);
      } else {
        section.Mistake("authorization_file", loaded.error().detail);
      }
    }
    config.credential_sources.push_back(std::move(source));
    config.credentials.push_back(std::move(credentials));
  }
}

/// Names the rows of the file whose callbacks are answered 401. The start names all rows in force.
void DoubtMissingSecrets(const Section& root, const Config& config) {
  bool has_any = false;
  for (const Credentials& credentials : config.credentials) has_any |= !credentials.empty();
  if (!has_any) {
    return root.Doubt("providers",
                      "no row has authorization, authorization_file or auth: none, so "
                      "every callback is answered 401");
  }
  const std::optional<Section> providers = root.Child("providers");
  if (!providers) return;
  for (const std::string& name : providers->Keys()) {
    const auto row = config.providers.Resolve(name);
    // `unknown` accepts the secrets of all other rows.
    if (row == common::ProviderTable::kUnknown || !config.credentials[row].empty()) continue;
    providers->Doubt(name,
                     "has no authorization, authorization_file or auth: none, so its callbacks are "
                     "answered 401");
  }
}

}  // namespace

ConfigReading ReadConfig(std::string_view yaml, const common::config::Environment& environment,
                         const common::config::CheckKafkaProperty& check_kafka) {
  ConfigReading reading;
  Document document = Document::Parse(yaml, environment);
  const Section root = document.root();
  ReadHttp(root, reading.config);
  ReadDeadlines(root, reading.config);
  ReadBounds(root, reading.config);
  reading.config.kafka =
      common::config::ReadKafkaProperties(root, common::config::ForbiddenForIngest(), check_kafka);
  reading.config.topics = common::config::ReadCallbacksTopic(root);
  ReadSpool(root, reading.config);
  ReadProviderRows(root, reading.config);
  DoubtMissingSecrets(root, reading.config);
  reading.problems = document.Finish();
  reading.doubts = document.Doubts();
  return reading;
}

common::config::Problems FindMissing(const Config& config) {
  if (!config.spool) return {};
  const std::filesystem::path folder = std::filesystem::absolute(config.spool->path).parent_path();
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return {
        {.key = "spool.path", .message = "the folder does not exist: '" + folder.string() + "'"}};
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    return {{.key = "spool.path",
             .message = "this user cannot write to the folder: '" + folder.string() + "'"}};
  }
  return {};
}

}  // namespace ingest
