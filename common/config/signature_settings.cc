#include "common/config/signature_settings.h"

#include <string>
#include <utility>

#include "common/base/text.h"
#include "common/signature/signature.h"

namespace common::config {
namespace {

using Content = SignatureRule::Content;
using Encoding = SignatureRule::Encoding;

constexpr std::string_view kSignatureSuffix = "-signature";

void ReadPreset(const Section& section, SignatureRule& rule) {
  std::size_t choice = 0;
  if (!section.ReadChoice("preset", {"onfido", "standard-webhooks"}, choice)) return;
  if (choice == 0) {
    // Source: Onfido, "Webhooks", verification: hex of the body's HMAC-SHA256.
    rule = {.header = "x-sha2-signature"};
  } else {
    rule = StandardWebhooks();
  }
}

bool ReadHeaderName(const Section& section, std::string_view key, std::string& out) {
  std::string name;
  if (!section.Read(key, name)) return false;
  if (!IsHeaderName(name)) {
    section.Mistake(key, "expected the name of a header, such as X-Signature");
    return false;
  }
  out = ToLowerAscii(std::move(name));
  return true;
}

void ReadTimestamped(const Section& section, SignatureRule& rule) {
  rule.content = Content::kTimestamp;
  rule.join = ".";
  if (!section.Has("timestamp_header")) section.Mistake("timestamp_header", "must be set");
  ReadHeaderName(section, "timestamp_header", rule.timestamp_header);
  section.ReadText("join", rule.join);
}

void ReadSigned(const Section& section, SignatureRule& rule) {
  if (section.IsMapping("signed")) {
    if (const auto timestamped = section.Child("signed")) ReadTimestamped(*timestamped, rule);
    return;
  }
  std::string name;
  if (!section.Read("signed", name)) return;
  if (name == "standard-webhooks") {
    rule = StandardWebhooks();
  } else if (name == "body") {
    rule.content = Content::kBody;
    rule.join.clear();
  } else {
    section.Mistake("signed",
                    "expected body, standard-webhooks or { timestamp_header: NAME, join: TEXT }");
  }
}

void ReadCoding(const Section& section, SignatureRule& rule) {
  std::size_t choice = 0;
  if (section.ReadChoice("algorithm", {"hmac-sha256", "hmac-sha512"}, choice)) {
    rule.algorithm =
        choice == 0 ? SignatureRule::Algorithm::kHmacSha256 : SignatureRule::Algorithm::kHmacSha512;
  }
  if (section.ReadChoice("encoding", {"hex", "base64"}, choice)) {
    rule.encoding = choice == 0 ? Encoding::kHex : Encoding::kBase64;
  }
  section.ReadText("prefix", rule.prefix);
}

/// The id and the timestamp of Standard Webhooks stand beside the signature. Senders with names of
/// their own for the three headers keep the ends of the names: svix-id, svix-timestamp,
/// svix-signature.
void DeriveHeaders(const Section& section, SignatureRule& rule) {
  if (!rule.header.ends_with(kSignatureSuffix)) {
    section.Mistake("header",
                    "must end with -signature: with signed: standard-webhooks the names of the "
                    "other two headers are made from it, NAME-id and NAME-timestamp");
    return;
  }
  const std::string stem = rule.header.substr(0, rule.header.size() - kSignatureSuffix.size());
  rule.id_header = stem + "-id";
  rule.timestamp_header = stem + "-timestamp";
}

void ReadTolerance(const Section& section, SignatureRule& rule) {
  section.Read("tolerance", rule.tolerance,
               DurationRange{std::chrono::seconds(1), std::chrono::hours(24)});
  if (rule.content == Content::kBody && section.Has("tolerance")) {
    section.Mistake("tolerance",
                    "only where a timestamp is signed: set signed to standard-webhooks or to "
                    "{ timestamp_header: NAME, join: TEXT }, or leave tolerance out");
  }
}

}  // namespace

bool IsHeaderName(std::string_view name) {
  constexpr std::string_view kToken =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";
  return !name.empty() && name.find_first_not_of(kToken) == std::string_view::npos;
}

std::optional<SignatureRule> ReadSignature(const Section& row) {
  const std::optional<Section> section = row.Child("signature");
  if (!section) {
    // Empty, for example because the lines below it are comments: it must not turn the check off.
    if (row.Has("signature")) row.Mistake("signature", "must have header or preset");
    return std::nullopt;
  }
  SignatureRule rule;
  ReadPreset(*section, rule);
  ReadSigned(*section, rule);
  ReadCoding(*section, rule);
  ReadHeaderName(*section, "header", rule.header);
  if (rule.header.empty() && !section->Has("header")) {
    section->Mistake("header",
                     "must be set: the name of the header with the signature, such as X-Signature");
  } else if (rule.content == Content::kStandardWebhooks) {
    DeriveHeaders(*section, rule);
  }
  ReadTolerance(*section, rule);
  section->Skip("secrets");
  section->Skip("secrets_file");
  return rule;
}

}  // namespace common::config
