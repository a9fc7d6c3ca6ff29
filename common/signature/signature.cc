#include "common/signature/signature.h"

#include <chrono>
#include <cstdint>
#include <vector>

#include "common/base/base64.h"
#include "common/base/hmac.h"
#include "common/base/number.h"
#include "common/base/text.h"

namespace common {
namespace {

using Content = SignatureRule::Content;

std::string MacOf(const SignatureRule& rule, std::string_view key, std::string_view id,
                  std::string_view timestamp, std::string_view body) {
  const HmacHash hash = rule.algorithm == SignatureRule::Algorithm::kHmacSha256 ? HmacHash::kSha256
                                                                                : HmacHash::kSha512;
  switch (rule.content) {
    case Content::kBody:
      return Hmac(hash, key, std::vector<std::string_view>{body});
    case Content::kTimestamp:
      return Hmac(hash, key, std::vector<std::string_view>{timestamp, rule.join, body});
    case Content::kStandardWebhooks:
      break;
  }
  return Hmac(hash, key, std::vector<std::string_view>{id, rule.join, timestamp, rule.join, body});
}

/// Adds the MAC that one signature stands for; nothing if it is none of this scheme.
void AddMac(const SignatureRule& rule, std::string_view signature, std::vector<std::string>& macs) {
  if (!signature.starts_with(rule.prefix)) return;
  signature.remove_prefix(rule.prefix.size());
  auto mac = rule.encoding == SignatureRule::Encoding::kHex ? DecodeHex(signature)
                                                            : DecodeBase64(signature);
  if (mac) macs.push_back(*std::move(mac));
}

std::vector<std::string> MacsIn(const SignatureRule& rule, std::string_view header) {
  std::vector<std::string> macs;
  if (rule.content != Content::kStandardWebhooks) {
    AddMac(rule, header, macs);
    return macs;
  }
  while (!header.empty()) {
    const std::size_t end = header.find(' ');
    AddMac(rule, header.substr(0, end), macs);
    header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
  }
  return macs;
}

std::int64_t SecondsOf(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

bool IsWithinTolerance(const SignatureRule& rule, std::string_view timestamp, WallTime now) {
  const auto signed_at = ParseNumber<std::int64_t>(timestamp);
  if (!signed_at) return false;
  const std::int64_t here = SecondsOf(now);
  const std::int64_t most = rule.tolerance.count();
  // Without a subtraction, which a time from the sender could make overflow.
  return *signed_at >= here - most && *signed_at <= here + most;
}

}  // namespace

SignatureRule StandardWebhooks() {
  return {.header = "webhook-signature",
          .encoding = SignatureRule::Encoding::kBase64,
          .prefix = "v1,",
          .content = Content::kStandardWebhooks,
          .id_header = "webhook-id",
          .timestamp_header = "webhook-timestamp",
          .join = "."};
}

SignatureVerdict VerifySignature(const SignatureRule& rule, std::span<const std::string> keys,
                                 const SignatureClaim& claim, std::string_view body, WallTime now) {
  const bool has_timestamp = rule.content != Content::kBody;
  const bool has_id = rule.content == Content::kStandardWebhooks;
  if (!claim.signature || (has_timestamp && !claim.timestamp) || (has_id && !claim.id)) {
    return SignatureVerdict::kMissing;
  }
  const std::vector<std::string> offered = MacsIn(rule, *claim.signature);
  if (offered.empty()) return SignatureVerdict::kWrong;
  const std::string_view timestamp = claim.timestamp.value_or("");
  bool is_right = false;
  for (const std::string& key : keys) {
    const std::string mac = MacOf(rule, key, claim.id.value_or(""), timestamp, body);
    for (const std::string& candidate : offered) {
      // No short cut: the time must not tell which key it was.
      is_right = EqualsInConstantTime(mac, candidate) || is_right;
    }
  }
  if (!is_right) return SignatureVerdict::kWrong;
  if (has_timestamp && !IsWithinTolerance(rule, timestamp, now)) return SignatureVerdict::kStale;
  return SignatureVerdict::kRight;
}

std::string Sign(const SignatureRule& rule, std::string_view key, std::string_view id,
                 std::string_view timestamp, std::string_view body) {
  const std::string mac = MacOf(rule, key, id, timestamp, body);
  return rule.prefix +
         (rule.encoding == SignatureRule::Encoding::kHex ? ToHex(mac) : EncodeBase64(mac));
}

std::vector<std::pair<std::string, std::string>> SignedFields(const SignatureRule& rule,
                                                              std::string_view key,
                                                              std::string_view id, WallTime now,
                                                              std::string_view body) {
  const std::string timestamp = std::to_string(SecondsOf(now));
  std::vector<std::pair<std::string, std::string>> fields = {
      {rule.header, Sign(rule, key, id, timestamp, body)}};
  if (!rule.timestamp_header.empty()) fields.emplace_back(rule.timestamp_header, timestamp);
  if (!rule.id_header.empty()) fields.emplace_back(rule.id_header, std::string(id));
  return fields;
}

std::optional<std::string> SigningKeyOf(const SignatureRule& rule, std::string_view secret) {
  constexpr std::string_view kBase64 = "whsec_";
  if (rule.content != Content::kStandardWebhooks || !secret.starts_with(kBase64)) {
    return secret.empty() ? std::nullopt : std::optional(std::string(secret));
  }
  auto key = DecodeBase64(secret.substr(kBase64.size()));
  return key && !key->empty() ? key : std::nullopt;
}

}  // namespace common
