#include "ops/ctl/shell/settings.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "common/config/account_settings.h"
#include "common/config/address.h"
#include "common/config/document.h"
#include "common/config/kafka_settings.h"
#include "common/config/program_options.h"
#include "common/config/provider_settings.h"
#include "ops/ctl/shell/accounts.h"
#include "ops/ctl/shell/command_line.h"

namespace ctl {
namespace {

using common::Result;
namespace config = common::config;

/// Reads the file of --config. Ignores unknown keys: the binaries check them.
Result<config::Document> ReadFile(const std::string& path) {
  Result<std::string> text = config::ReadConfigFile(path);
  if (!text) return text.error();
  config::Document document = config::Document::Parse(*text, config::ProcessEnvironment());
  document.root().IgnoreUnknownKeys();
  return document;
}

Result<void> Judge(config::Document& document, const std::string& path) {
  std::string lines;
  for (const config::Problem& problem : document.Finish()) {
    lines += (lines.empty() ? "" : "\n") + config::Render(path, problem);
  }
  if (!lines.empty()) return Reject(std::move(lines));
  return {};
}

/// Only looks which keys are there: the secrets' variables and files may be out of reach.
std::string SecretsOf(const config::Section& row) {
  const bool is_inline = row.Has("authorization");
  const bool is_file = row.Has("authorization_file");
  const auto signature = row.Child("signature");
  const bool is_signed = signature && (signature->Has("secrets") || signature->Has("secrets_file"));
  std::string places = is_inline && is_file ? "inline+file" : is_inline ? "inline" : "";
  if (is_file && !is_inline) places = "file";
  if (is_signed) places += places.empty() ? "signature" : "+signature";
  if (!places.empty()) return places;
  return row.Has("auth") ? "open" : "none";
}

using Secrets = std::map<std::string, std::string>;

common::ProviderTable ReadRows(const config::Section& root, Secrets* secrets = nullptr) {
  return config::ReadProviders(root,
                               [&](const common::ProviderRow& row, const config::Section& section) {
                                 if (secrets != nullptr) (*secrets)[row.name] = SecretsOf(section);
                                 section.IgnoreUnknownKeys();
                               });
}

/// The keys that only an ingest.yaml has, besides the secrets of its providers.
constexpr std::array<std::string_view, 16> kKeysOfIngest = {
    "listen",       "threads",         "max_body",    "max_head",      "header_timeout",
    "body_timeout", "idle_timeout",    "path_prefix", "spool",         "max_connections",
    "ack_deadline", "answer_deadline", "drain_delay", "max_in_flight", "max_in_flight_bytes",
    "batch"};

/// Every consumer.yaml has `assure`. A file that sluicectl alone uses may have neither.
bool IsOfIngest(const config::Section& root, const Secrets& secrets) {
  if (root.Has("assure")) return false;
  return std::ranges::any_of(kKeysOfIngest, [&](std::string_view key) { return root.Has(key); }) ||
         std::ranges::any_of(secrets, [](const auto& row) { return row.second != "none"; });
}

common::Error NotOfConsumer(const std::string& path) {
  return Reject(
      path +
      " is the configuration of ingest. This command needs that of consumer, which has all "
      "topics and the group: --config consumer.yaml, or --bootstrap ADDR for the default "
      "names");
}

/// The admin URL of the configured instance; empty if its port is 0 (any free one).
std::string ReadAdminUrl(const config::Section& root) {
  config::Address admin;
  root.Read("admin", admin);
  if (admin.port == 0) return {};
  if (admin.host == "0.0.0.0") admin.host = "127.0.0.1";
  if (admin.host == "::") admin.host = "::1";
  return "http://" + ToText(admin);
}

}  // namespace

std::chrono::seconds ClusterSettings::DedupReach() const {
  const std::chrono::seconds reach = providers.DedupReach();
  return expected ? std::max(reach, expected->reach()) : reach;
}

std::chrono::seconds ClusterSettings::ExpectedWait() const {
  return expected.value_or(common::ExpectedSettings()).max_wait;
}

Result<ClusterSettings> ReadClusterSettings(const Arguments& arguments) {
  const std::string path = arguments.Text("--config");
  const std::string bootstrap = arguments.Text("--bootstrap");
  if (path.empty() && bootstrap.empty())
    return Reject("--bootstrap ADDR or --config FILE is required");

  ClusterSettings settings;
  if (!path.empty()) {
    Result<config::Document> document = ReadFile(path);
    if (!document) return document.error();
    const config::Section root = document->root();
    settings.kafka = config::ReadKafkaProperties(root, config::ForbiddenForConsumer(),
                                                 common::kafka::FindPropertyMistake);
    settings.topics = config::ReadTopicNames(root);
    root.Read("group", settings.group);
    if (root.Has("assure")) settings.expected = config::ReadExpectedSettings(root);
    settings.admin_url = ReadAdminUrl(root);
    Secrets secrets;
    settings.providers = ReadRows(root, &secrets);
    if (IsOfIngest(root, secrets)) return NotOfConsumer(path);
    if (const Result<void> judged = Judge(*document, path); !judged) return judged.error();
    if (settings.expected) config::WidenWindows(settings.providers, *settings.expected);
  }
  if (!bootstrap.empty()) settings.kafka["bootstrap.servers"] = bootstrap;
  return settings;
}

Result<ProviderSettings> ReadProviderSettings(const Arguments& arguments) {
  const std::string path = arguments.Text("--config");
  if (path.empty()) return ProviderSettings();
  Result<config::Document> document = ReadFile(path);
  if (!document) return document.error();
  const config::Section root = document->root();
  ProviderSettings settings;
  Secrets secrets;
  settings.table = ReadRows(root, &secrets);
  // A consumer.yaml has no secrets of providers.
  if (!root.Has("assure")) settings.secrets = std::move(secrets);
  if (const Result<void> judged = Judge(*document, path); !judged) return judged.error();
  return settings;
}

Result<config::Accounts> ReadAccounts(const Arguments& arguments) {
  const std::string path = arguments.Text("--config");
  Result<config::Document> document = ReadFile(path);
  if (!document) return document.error();
  const config::Section root = document->root();
  config::Accounts accounts = config::ReadAccounts(root);
  const common::ProviderTable rows = config::ReadProviders(
      root, [&](const common::ProviderRow& row, const config::Section& section) {
        config::ReadAccountOfRow(row, section, accounts);
        section.IgnoreUnknownKeys();
      });
  config::CheckAccounts(root, rows, accounts);
  if (const Result<void> judged = Judge(*document, path); !judged) return judged.error();
  return accounts;
}

AccountNames ReadAccountNames(const Arguments& arguments, const common::ProviderTable& rows) {
  const std::string path = arguments.Text("--config");
  if (path.empty()) return {};
  Result<config::Document> document = ReadFile(path);
  if (!document || !document->root().Has("accounts")) return {};
  AccountNames names;
  for (const common::ProviderRow& row : rows.rows()) names[row.name] = config::kAssureName;
  std::ignore = config::ReadProviders(
      document->root(), [&](const common::ProviderRow& row, const config::Section& section) {
        std::string account;
        if (section.Read("account", account)) names[row.name] = account;
        section.IgnoreUnknownKeys();
      });
  return names;
}

std::optional<std::string> AccountOf(const AccountNames& names, const common::ProviderTable& rows,
                                     std::string_view provider) {
  const auto found = names.find(rows[rows.Resolve(provider)].name);
  return found == names.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace ctl
