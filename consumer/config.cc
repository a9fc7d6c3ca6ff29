#include "consumer/config.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "common/config/document.h"
#include "common/config/provider_settings.h"
#include "common/config/tracing_settings.h"
#include "common/json/redact.h"

namespace consumer {
namespace {

using common::config::Document;
using common::config::Section;
using std::chrono::hours;
using std::chrono::milliseconds;

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;

/// The names that Kafka's own clients accept as group.instance.id, with room for "-<lane>".
bool IsInstanceName(std::string_view name) {
  constexpr std::size_t kMaxSize = 245;
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !name.empty() && name.size() <= kMaxSize &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

void ReadInstance(const Section& root, Config& config) {
  root.Read("admin", config.admin);
  root.Read("group", config.group);
  root.Read("instance", config.instance);
  if (!IsInstanceName(config.instance)) {
    root.Mistake("instance",
                 root.Has("instance")
                     ? "must have 1 to 245 letters, digits, dots, dashes or underscores"
                     : "is missing, and the host's name is not valid: it must have 1 to "
                       "245 letters, digits, dots, dashes or underscores");
  }
  // The group is part of the transactional id in headers and offset metadata, whose fields end with
  // ';'.
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' '; };
  if (config.group.find(';') != std::string::npos ||
      std::any_of(config.group.begin(), config.group.end(), is_control)) {
    root.Mistake("group", "must not have semicolons or control characters");
  }
  root.Read("lanes", config.lanes, {1, 64});
  root.Read("commit_interval", config.commit_interval, {milliseconds(10), milliseconds(10'000)});
}

void SetClient(const common::AssureClient& client, FetchSettings& settings) {
  settings.base_url = client.base_url;
  settings.token_url = client.token_url;
  settings.client_id = client.client_id;
  settings.client_secret = client.client_secret;
  settings.scope = client.scope;
}

/// Each account needs room of its own in a lane, see AccountShares.
void CheckRoom(const Section& root, const Config& config) {
  constexpr std::size_t kLeast = 4;
  const std::size_t least = kLeast * config.accounts.size();
  if (config.accounts.size() <= 1 || std::cmp_greater_equal(config.max_pending, least)) return;
  if (const std::optional<Section> fetch = root.Child("fetch")) {
    fetch->Mistake("max_pending", "must be at least " + std::to_string(least) + ", " +
                                      std::to_string(kLeast) + " for each account");
  }
}

/// Reads `assure`, `accounts` and `providers`.
void ReadProviders(const Section& root, Config& config) {
  common::config::Accounts accounts = common::config::ReadAccounts(root);
  config.providers = common::config::ReadProviders(
      root, [&](const common::ProviderRow& row, const Section& section) {
        common::config::ReadAccountOfRow(row, section, accounts);
      });
  common::config::CheckAccounts(root, config.providers, accounts);
  config.accounts_of_rows = {accounts.ByRow(config.providers), accounts.all.size()};
  config.accounts = std::move(accounts.all);
  CheckRoom(root, config);
  SetClient(config.accounts.front().client, config.fetch);
  config.ca_file = config.accounts.front().client.ca_file;
}

/// Names a list entry by its position, because a variable in it may hold a secret.
std::string Entry(std::size_t index) { return "entry " + std::to_string(index + 1); }

void ReadResources(const Section& fetch, FetchSettings& settings) {
  std::vector<std::string> resources;
  if (!fetch.Read("resources", resources)) return;
  settings.wants_process = false;
  settings.wants_dossier = false;
  for (std::size_t i = 0; i < resources.size(); ++i) {
    if (resources[i] == "process") {
      settings.wants_process = true;
    } else if (resources[i] == "dossier") {
      settings.wants_dossier = true;
    } else {
      fetch.Mistake("resources", Entry(i) + " is neither process nor dossier");
    }
  }
  if (!settings.wants_process && !settings.wants_dossier) {
    fetch.Mistake("resources", "must name process, dossier or both");
  }
}

void ReadIds(const Section& fetch, FetchSettings& settings) {
  std::string rule;
  if (!fetch.Read("ids", rule)) return;
  if (rule != "required" && rule != "if-present") {
    fetch.Mistake("ids", "must be required or if-present");
  }
  settings.ids = rule == "if-present" ? IdRule::kIfPresent : IdRule::kRequired;
}

using common::json::Pointer;

bool IsIntoADocument(const std::optional<Pointer>& pointer) {
  return pointer && !pointer->empty() &&
         (pointer->front() == "process" || pointer->front() == "dossier");
}

bool IsIndex(const std::string& name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

constexpr const char* kNoPointer = " is not a JSON pointer that starts at /process or /dossier";

void CheckKeep(const Section& fetch, const std::vector<std::string>& texts) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!IsIntoADocument(common::ParseJsonPointer(texts[i]))) {
      fetch.Mistake("keep", Entry(i) + kNoPointer);
    }
  }
}

/// Refuses pointers that would remove nothing, or one value of some documents and another of
/// others.
void CheckRedact(const Section& fetch, const FetchSettings& settings) {
  for (std::size_t i = 0; i < settings.redact.size(); ++i) {
    const auto pointer = common::ParseJsonPointer(settings.redact[i]);
    if (!IsIntoADocument(pointer)) {
      fetch.Mistake("redact", Entry(i) + kNoPointer);
    } else if (std::ranges::find(*pointer, "*") != pointer->end()) {
      fetch.Mistake("redact", Entry(i) +
                                  " has a *, which only keep understands: list in keep "
                                  "what results may have");
    } else if (settings.keep && std::ranges::any_of(*pointer, IsIndex)) {
      fetch.Mistake("redact", Entry(i) +
                                  " has an array index, but keep moves elements: list in "
                                  "keep only what results may have");
    }
  }
}

void ReadPublished(const Section& fetch, FetchSettings& settings) {
  std::vector<std::string> keep;
  if (fetch.Read("keep", keep)) {
    CheckKeep(fetch, keep);
    settings.keep = std::move(keep);
  }
  if (fetch.Read("redact", settings.redact)) CheckRedact(fetch, settings);
}

void ReadPublish(const Section& root, FetchSettings& settings) {
  std::size_t mode = 0;
  if (!root.ReadChoice("publish", {"full", "reference"}, mode)) return;
  settings.publish = mode == 0 ? PublishMode::kFull : PublishMode::kReference;
}

void ReadFetch(const Section& root, Config& config) {
  const std::optional<Section> fetch = root.Child("fetch");
  if (!fetch) return;
  FetchSettings& settings = config.fetch;
  ReadResources(*fetch, settings);
  ReadIds(*fetch, settings);
  ReadPublished(*fetch, settings);
  fetch->Read("timeout", settings.timeout, {milliseconds(100), milliseconds(300'000)});
  fetch->Read("max_in_flight", settings.max_in_flight, {1, 10'000});
  fetch->Read("max_pending", config.max_pending, {1, 10'000'000});
  fetch->Read("max_age", settings.max_age, {milliseconds(1'000), hours(24 * 30)});
  fetch->Read("not_found_for", settings.not_found_for, {milliseconds(0), hours(24 * 30)});
  fetch->Read("rate_limit", settings.rate_limit, {0.0, 1e6});
  fetch->ReadSize("max_response", settings.max_response, {kKiB, 5 * kMiB});
  if (const std::optional<Section> backoff = fetch->Child("backoff")) {
    backoff->Read("base", settings.backoff.base, {milliseconds(1), hours(1)});
    backoff->Read("cap", settings.backoff.cap, {milliseconds(1), hours(1)});
    if (settings.backoff.cap < settings.backoff.base) {
      backoff->Mistake("cap", "must not be shorter than base");
    }
  }
  if (const std::optional<Section> breaker = fetch->Child("breaker")) {
    breaker->Read("failures", settings.breaker_failures, {1, 1'000'000});
    breaker->Read("probe_every", settings.breaker_probe_every, {milliseconds(10), hours(1)});
  }
}

/// Warns of pointers that someone may expect to keep an event's values out of its result.
void DoubtPointersBesideEvents(const Section& root, const Config& config) {
  const std::optional<Section> fetch = root.Child("fetch");
  if (!fetch || config.fetch.publish == PublishMode::kReference) return;
  const auto& rows = config.providers.rows();
  const auto row = std::ranges::find_if(rows, [](const common::ProviderRow& one) {
    return one.events && one.events->fetch == common::EventFetch::kNone;
  });
  if (row == rows.end()) return;
  for (const std::string_view key : {"keep", "redact"}) {
    if (!fetch->Has(key)) continue;
    fetch->Doubt(key, "does not apply to the events of " + row->name +
                          ", which has fetch: none: their results contain them as they came; "
                          "publish: reference leaves them out");
  }
}

}  // namespace

ConfigReading ReadConfig(std::string_view yaml, const common::config::Environment& environment,
                         const common::config::CheckKafkaProperty& check_kafka,
                         const std::string& host_name) {
  Document document = Document::Parse(yaml, environment);
  const Section root = document.root();
  Config config;
  config.instance = host_name;
  ReadInstance(root, config);
  config.kafka = common::config::ReadKafkaProperties(root, common::config::ForbiddenForConsumer(),
                                                     check_kafka);
  config.topics = common::config::ReadTopicNames(root);
  ReadFetch(root, config);
  ReadPublish(root, config.fetch);
  ReadProviders(root, config);
  config.expected = common::config::ReadExpectedSettings(root);
  config.tracing = common::config::ReadTracing(root, environment,
                                               {.service = "sluice-consumer",
                                                .instance = config.instance,
                                                .slower_than = std::chrono::minutes(1)});
  DoubtPointersBesideEvents(root, config);
  common::config::Problems problems = document.Finish();
  if (problems.empty() && config.expected)
    common::config::WidenWindows(config.providers, *config.expected);
  return {std::move(config), std::move(problems), document.Doubts()};
}

FetchSettings SettingsOf(const Config& config, AccountIndex account) {
  FetchSettings settings = config.fetch;
  if (config.accounts.size() <= 1) return settings;
  const common::config::Account& own = config.accounts.at(account);
  SetClient(own.client, settings);
  settings.max_in_flight = own.max_in_flight.value_or(settings.max_in_flight);
  settings.rate_limit = own.rate_limit.value_or(settings.rate_limit);
  settings.needs_witness = true;
  settings.max_held_bytes /= config.accounts.size();
  return settings;
}

FetchSettings ShareOf(const FetchSettings& instance, int lanes) {
  FetchSettings share = instance;
  share.max_in_flight = std::max(1, instance.max_in_flight / lanes);
  share.rate_limit = instance.rate_limit / lanes;
  share.max_held_bytes = instance.max_held_bytes / static_cast<std::size_t>(lanes);
  return share;
}

}  // namespace consumer
