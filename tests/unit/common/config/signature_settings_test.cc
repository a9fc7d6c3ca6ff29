#include "common/config/signature_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/common/config/fixture.h"

namespace common::config {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

struct Reading {
  std::optional<SignatureRule> rule;
  std::vector<std::string> mistakes;
};

Reading ReadRule(const std::string& signature) {
  Document document = Document::Parse("signature: " + signature + "\n", EnvironmentOf({}));
  Reading reading;
  reading.rule = ReadSignature(document.root());
  reading.mistakes = Rendered(document.Finish());
  return reading;
}

void ExpectRule(const std::string& signature, const SignatureRule& expected) {
  SCOPED_TRACE(signature);
  const Reading reading = ReadRule(signature);
  EXPECT_THAT(reading.mistakes, IsEmpty());
  ASSERT_TRUE(reading.rule);
  EXPECT_EQ(reading.rule->header, expected.header);
  EXPECT_EQ(reading.rule->algorithm, expected.algorithm);
  EXPECT_EQ(reading.rule->encoding, expected.encoding);
  EXPECT_EQ(reading.rule->prefix, expected.prefix);
  EXPECT_EQ(reading.rule->content, expected.content);
  EXPECT_EQ(reading.rule->id_header, expected.id_header);
  EXPECT_EQ(reading.rule->timestamp_header, expected.timestamp_header);
  EXPECT_EQ(reading.rule->join, expected.join);
  EXPECT_EQ(reading.rule->tolerance, expected.tolerance);
}

const SignatureRule kStandardWebhooks = {.header = "webhook-signature",
                                         .encoding = SignatureRule::Encoding::kBase64,
                                         .prefix = "v1,",
                                         .content = SignatureRule::Content::kStandardWebhooks,
                                         .id_header = "webhook-id",
                                         .timestamp_header = "webhook-timestamp",
                                         .join = "."};

TEST(SignatureSettings, AreAbsentWithoutTheKey) {
  Document document = Document::Parse("{}", EnvironmentOf({}));
  EXPECT_FALSE(ReadSignature(document.root()));
  EXPECT_THAT(Rendered(document.Finish()), IsEmpty());
}

TEST(SignatureSettings, NeedOnlyTheHeader) {
  ExpectRule("{ header: X-Signicat-Signature }", {.header = "x-signicat-signature"});
}

TEST(SignatureSettings, ReadEveryKey) {
  ExpectRule(
      "{ header: X-Sig, algorithm: hmac-sha512, encoding: base64, prefix: 'sha512=', "
      "signed: { timestamp_header: X-Time, join: ':' }, tolerance: 30s }",
      {.header = "x-sig",
       .algorithm = SignatureRule::Algorithm::kHmacSha512,
       .encoding = SignatureRule::Encoding::kBase64,
       .prefix = "sha512=",
       .content = SignatureRule::Content::kTimestamp,
       .timestamp_header = "x-time",
       .join = ":",
       .tolerance = seconds(30)});
}

TEST(SignatureSettings, AcceptEmptyTexts) {
  ExpectRule("{ header: X-Sig, prefix: '', signed: { timestamp_header: X-Time, join: '' } }",
             {.header = "x-sig",
              .content = SignatureRule::Content::kTimestamp,
              .timestamp_header = "x-time"});
}

TEST(SignatureSettings, JoinTimestampAndBodyWithADotByDefault) {
  ExpectRule("{ header: X-Sig, signed: { timestamp_header: X-Time } }",
             {.header = "x-sig",
              .content = SignatureRule::Content::kTimestamp,
              .timestamp_header = "x-time",
              .join = "."});
}

TEST(SignatureSettings, HavePresets) {
  ExpectRule("{ preset: onfido }", {.header = "x-sha2-signature"});
  ExpectRule("{ preset: standard-webhooks }", kStandardWebhooks);
  ExpectRule("{ signed: standard-webhooks }", kStandardWebhooks);
}

TEST(SignatureSettings, OverrideKeysOfPreset) {
  ExpectRule("{ preset: onfido, header: X-Other, encoding: base64 }",
             {.header = "x-other", .encoding = SignatureRule::Encoding::kBase64});
  SignatureRule svix = kStandardWebhooks;
  svix.header = "svix-signature";
  svix.id_header = "svix-id";
  svix.timestamp_header = "svix-timestamp";
  svix.tolerance = minutes(10);
  ExpectRule("{ preset: standard-webhooks, header: Svix-Signature, tolerance: 10m }", svix);
}

TEST(SignatureSettings, LeaveTheSecretsToIngest) {
  const Reading reading =
      ReadRule("{ preset: onfido, secrets: [\"${NOBODY_SETS_THIS}\"], secrets_file: /not/there }");
  EXPECT_THAT(reading.mistakes, IsEmpty());
}

TEST(SignatureSettings, ExplainEachMistakeAndItsCorrection) {
  const struct {
    std::string_view what;
    std::string signature;
    std::string_view mistake;
  } kCases[] = {
      {"no header", "{ encoding: hex }",
       "f.yaml:1:12: signature.header: must be set: the name of the header with the signature, "
       "such as X-Signature"},
      {"a name that no header has", "{ header: 'X Signature' }",
       "f.yaml:1:22: signature.header: expected the name of a header, such as X-Signature"},
      {"an unknown preset", "{ preset: stripe, header: S }",
       "f.yaml:1:22: signature.preset: expected onfido or standard-webhooks, not 'stripe'"},
      {"an unknown algorithm", "{ header: S, algorithm: hmac-sha1 }",
       "f.yaml:1:36: signature.algorithm: expected hmac-sha256 or hmac-sha512, not 'hmac-sha1'"},
      {"an unknown encoding", "{ header: S, encoding: base32 }",
       "f.yaml:1:35: signature.encoding: expected hex or base64, not 'base32'"},
      {"an unknown content", "{ header: S, signed: header }",
       "f.yaml:1:33: signature.signed: expected body, standard-webhooks or { timestamp_header: "
       "NAME, join: TEXT }"},
      {"no timestamp header", "{ header: S, signed: { join: '.' } }",
       "f.yaml:1:33: signature.signed.timestamp_header: must be set"},
      {"a bad timestamp header", "{ header: S, signed: { timestamp_header: 'a:' } }",
       "f.yaml:1:53: signature.signed.timestamp_header: expected the name of a header, such as "
       "X-Signature"},
      {"headers that cannot be told", "{ preset: standard-webhooks, header: X-Sig }",
       "f.yaml:1:49: signature.header: must end with -signature: with signed: standard-webhooks "
       "the names of the other two headers are made from it, NAME-id and NAME-timestamp"},
      {"a tolerance of nothing", "{ header: S, tolerance: 5m }",
       "f.yaml:1:36: signature.tolerance: only where a timestamp is signed: set signed to "
       "standard-webhooks or to { timestamp_header: NAME, join: TEXT }, or leave tolerance out"},
      {"a tolerance that protects nothing", "{ preset: standard-webhooks, tolerance: 2d }",
       "f.yaml:1:52: signature.tolerance: must be between 1s and 24h"},
      {"an unknown key", "{ header: S, secret: x }",
       "f.yaml:1:25: signature.secret: unknown key; known here: algorithm, encoding, header, "
       "prefix, preset, secrets, secrets_file, signed, tolerance"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_THAT(ReadRule(c.signature).mistakes, ElementsAre(std::string(c.mistake)));
  }
}

}  // namespace
}  // namespace common::config
