#include "ingest/config.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "common/base/text.h"
#include "common/config/document.h"
#include "common/config/provider_settings.h"
#include "common/config/secrets.h"
#include "common/config/tracing_settings.h"
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

/// The share of `ack_deadline` that a callback may be held at most, before Kafka gets it.
constexpr int kPartOfAckDeadline = 4;

void ReadBatch(const Section& root, Config& config) {
  const milliseconds longest = config.ack_deadline / kPartOfAckDeadline;
  MaxDelay& max_delay = config.max_batch_delay;
  max_delay = {.with_few = std::min(max_delay.with_few, longest),
               .with_many = std::min(max_delay.with_many, longest)};
  const std::optional<Section> batch = root.Child("batch");
  milliseconds delay{};
  if (!batch || !batch->Read("max_delay", delay, {milliseconds(0), seconds(1)})) return;
  max_delay = MaxDelay::Fixed(delay);
  if (delay > longest) {
    batch->Mistake("max_delay", "must be at most a quarter of ack_deadline (" +
                                    common::config::FormatDuration(config.ack_deadline) + ")");
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

/// The Authorization values that a row accepts.
void ReadAuthorization(const Section& row, CredentialSource& source) {
  ReadSecrets(row, "authorization", source.values);
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
  const bool has_values = row.Has("authorization") || row.Has("authorization_file");
  if (source.open && has_values) row.Mistake("auth", "none conflicts with authorization");
  if (source.open && source.signature) {
    row.Mistake("auth", "none conflicts with signature: leave it out");
  }
  if (has_values && source.signature && source.signature->header == "authorization") {
    row.Mistake("signature",
                "its header is that of authorization: only one of them can be checked");
  }
}

/// The secrets with which a row's events are signed.
void ReadSigningSecrets(const Section& row, CredentialSource& source) {
  const std::optional<Section> signature = row.Child("signature");
  if (!signature) return;
  if (!signature->Has("secrets") && !signature->Has("secrets_file")) {
    signature->Mistake("secrets", "must be set, or secrets_file instead");
  }
  signature->Read("secrets_file", source.signing_file);
  if (!ReadSecrets(*signature, "secrets", source.signing_secrets)) return;
  // As the lines of the file: a variable often ends with the newline of the file that it is from.
  for (std::string& secret : source.signing_secrets) secret = common::TrimAscii(secret);
  const auto is_blank = [](const std::string& secret) { return secret.empty(); };
  if (std::ranges::any_of(source.signing_secrets, is_blank)) {
    signature->Mistake("secrets", "contains a blank value");
    source.signing_secrets.clear();
  } else if (const auto keys = ReadSigningKeys(*source.signature, source.signing_secrets); !keys) {
    signature->Mistake("secrets", keys.error().detail);
    source.signing_secrets.clear();
  }
}

CredentialSource ReadCredentialSource(const common::ProviderRow& row, const Section& section) {
  CredentialSource source{.provider = row.name};
  if (row.events) source.signature = row.events->signature;
  ReadAuthorization(section, source);
  if (source.signature) {
    ReadSigningSecrets(section, source);
  } else if (row.events && !source.open && source.values.empty() && source.file.empty()) {
    section.Mistake("signature",
                    "must be set, or authorization, or auth: none: otherwise nothing tells whose "
                    "events they are");
  }
  return source;
}

/// Reads the files of a row's secrets.
Credentials LoadReportingMistakes(const CredentialSource& source, const Section& row) {
  Credentials credentials{.open = source.open};
  if (auto accepted = LoadAuthorization(source)) {
    credentials.accepted = *std::move(accepted);
  } else {
    row.Mistake("authorization_file", accepted.error().detail);
  }
  if (auto keys = LoadSigningKeys(source)) {
    credentials.signing_keys = *std::move(keys);
  } else if (const auto signature = row.Child("signature")) {
    signature->Mistake("secrets_file", keys.error().detail);
  }
  return credentials;
}

void ReadProviderRows(const Section& root, Config& config) {
  struct RowOfFile {
    Section section;
    CredentialSource source;
  };
  std::map<std::string, RowOfFile> in_file;
  config.providers = common::config::ReadProviders(
      root, [&](const common::ProviderRow& row, const Section& section) {
        in_file.insert_or_assign(row.name, RowOfFile{section, ReadCredentialSource(row, section)});
      });
  for (const common::ProviderRow& row : config.providers.rows()) {
    const auto found = in_file.find(row.name);
    CredentialSource source{.provider = row.name};
    Credentials credentials;
    if (found != in_file.end()) {
      source = found->second.source;
      credentials = LoadReportingMistakes(source, found->second.section);
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
  ReadBatch(root, reading.config);
  ReadBounds(root, reading.config);
  reading.config.kafka =
      common::config::ReadKafkaProperties(root, common::config::ForbiddenForIngest(), check_kafka);
  reading.config.topics = common::config::ReadTopicsOfIngest(root);
  ReadSpool(root, reading.config);
  reading.config.expected = ReadExpected(root, reading.config.path_prefix);
  reading.config.tracing = common::config::ReadTracing(root, environment,
                                                       {.service = "sluice-ingest",
                                                        .instance = common::config::HostName(),
                                                        .slower_than = seconds(1)});
  ReadProviderRows(root, reading.config);
  DoubtMissingSecrets(root, reading.config);
  if (reading.config.expected) {
    DoubtSharedSecrets(root, *reading.config.expected, reading.config.providers,
                       reading.config.credentials);
  }
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
