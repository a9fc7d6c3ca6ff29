#include "common/signature/signature.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <vector>

#include "common/base/base64.h"
#include "common/base/text.h"

namespace common {

void PrintTo(SignatureVerdict verdict, std::ostream* out) {
  constexpr std::string_view kNames[] = {"right", "missing", "wrong", "stale"};
  *out << kNames[static_cast<std::size_t>(verdict)];
}

namespace {

using std::chrono::seconds;

WallTime At(std::int64_t seconds_since_1970) { return WallTime(seconds(seconds_since_1970)); }

const SignatureRule& Onfido() {
  static const SignatureRule kRule = {.header = "x-sha2-signature"};
  return kRule;
}

// Standard Webhooks, the test `sign function works` that its libraries share (commit b2fa7b87).
struct Published {
  std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  std::string id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
  std::string timestamp = "1614265330";
  std::string body = R"({"test": 2432232314})";
  std::string signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
  std::int64_t now = 1614265330;

  [[nodiscard]] SignatureVerdict Verify(const std::vector<std::string>& more_keys = {}) const {
    std::vector<std::string> keys = more_keys;
    keys.push_back(*SigningKeyOf(StandardWebhooks(), secret));
    return VerifySignature(StandardWebhooks(), keys,
                           {.signature = signature, .id = id, .timestamp = timestamp}, body,
                           At(now));
  }
};

TEST(Signature, MatchesStandardWebhooksSample) {
  const Published published;
  EXPECT_EQ(published.Verify(), SignatureVerdict::kRight);
  EXPECT_EQ(Sign(StandardWebhooks(), *SigningKeyOf(StandardWebhooks(), published.secret),
                 published.id, published.timestamp, published.body),
            published.signature);
}

TEST(Signature, CoversIdTimestampAndBody) {
  Published published;
  published.id += "x";
  EXPECT_EQ(published.Verify(), SignatureVerdict::kWrong);
  published = {};
  published.timestamp = "1614265331";
  EXPECT_EQ(published.Verify(), SignatureVerdict::kWrong);
  published = {};
  published.body += " ";
  EXPECT_EQ(published.Verify(), SignatureVerdict::kWrong);
  published = {.secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx"};
  EXPECT_EQ(published.Verify(), SignatureVerdict::kWrong);
}

// The other wrong and repeated signatures of those tests.
TEST(Signature, MayBeOneOfSeveralInTheHeader) {
  Published published;
  const std::string right = published.signature;
  const std::string other = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";
  published.signature = other + " v2," + other.substr(3) + " " + right + " " + other;
  EXPECT_EQ(published.Verify(), SignatureVerdict::kRight);
  for (const std::string& wrong :
       {other, std::string("v1,"), std::string("v1"), std::string(""), std::string(" "),
        "v2," + right.substr(3), right.substr(3), std::string("v1,dawfeoifkpqwoekfpqoekf"),
        right.substr(0, right.size() - 5), "V1," + right.substr(3), right + "=",
        right + "," + other}) {
    published.signature = wrong;
    EXPECT_EQ(published.Verify(), SignatureVerdict::kWrong) << wrong;
  }
  // An asymmetric signature stands beside it (specification, "Webhook headers").
  published.signature =
      "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVL"
      "Po3mNl8EM+m7TBAg== " +
      right;
  EXPECT_EQ(published.Verify(), SignatureVerdict::kRight);
}

TEST(Signature, IsStaleOutsideTheToleranceInBothDirections) {
  Published published;
  for (const auto& [seconds_later, verdict] : {std::pair{300, SignatureVerdict::kRight},
                                               {-300, SignatureVerdict::kRight},
                                               {301, SignatureVerdict::kStale},
                                               {-301, SignatureVerdict::kStale}}) {
    published.now = 1614265330 + seconds_later;
    EXPECT_EQ(published.Verify(), verdict) << seconds_later << " s";
  }
}

TEST(Signature, IsStaleOnlyIfItIsRight) {
  Published published{.body = "{}", .now = 0};
  EXPECT_EQ(published.Verify(), SignatureVerdict::kWrong)
      << "a stranger must not be taken for a clock that is wrong";
}

TEST(Signature, IsWrongIfTimestampIsNotANumber) {
  for (const std::string time :
       {"", "x", "1614265330.5", "+1614265330", " 1614265330", "99999999999999999999",
        "-9223372036854775808", "9223372036854775807"}) {
    const std::string key = "k";
    const std::string signature = Sign(StandardWebhooks(), key, "i", time, "{}");
    EXPECT_EQ(VerifySignature(StandardWebhooks(), std::vector{key},
                              {.signature = signature, .id = "i", .timestamp = time}, "{}",
                              At(1614265330)),
              SignatureVerdict::kStale)
        << time;
  }
}

TEST(Signature, IsMissingWithoutAHeaderThatItNeeds) {
  const Published published;
  const std::vector<std::string> keys = {"k"};
  const SignatureClaim whole = {.signature = published.signature, .id = "i", .timestamp = "1"};
  for (const auto header :
       {&SignatureClaim::signature, &SignatureClaim::id, &SignatureClaim::timestamp}) {
    SignatureClaim claim = whole;
    claim.*header = std::nullopt;
    EXPECT_EQ(VerifySignature(StandardWebhooks(), keys, claim, "", At(1)),
              SignatureVerdict::kMissing);
  }
  EXPECT_EQ(VerifySignature(Onfido(), keys, {}, "", At(1)), SignatureVerdict::kMissing);
  EXPECT_EQ(VerifySignature(Onfido(), keys, {.signature = "00"}, "", At(1)),
            SignatureVerdict::kWrong);
}

TEST(Signature, IsRightWithAnyOfTheKeys) {
  const Published published;
  EXPECT_EQ(published.Verify({"old", "older"}), SignatureVerdict::kRight);
  EXPECT_EQ(
      VerifySignature(StandardWebhooks(), {},
                      {.signature = published.signature, .id = "i", .timestamp = "1"}, "", At(1)),
      SignatureVerdict::kWrong)
      << "no key";
}

// The tests of Onfido's own libraries: onfido-python (commit 04baf274), "classic webhook event
// verification", and onfido-node (commit 2b9faecc), "classic" and "studio webhook event verifier".
TEST(Signature, MatchesOnfidoSample) {
  const struct {
    std::string token;
    std::string_view body;
    std::string_view signature;
  } kCases[] = {
      {"wU99mE6jJ7nXOLFwZ0tJymM1lpI15pZh",
       R"({"payload":{"resource_type":"check","action":"check.completed","object":{"id":"f2302f45-227d-413d-ad61-09ec077a086a","status":"complete","completed_at_iso8601":"2024-04-04T09:21:21Z","href":"https://api.onfido.com/v3.6/checks/f2302f45-227d-413d-ad61-09ec077a086a"}}})",
       "77ebc3e418f26be6eebb47f7ebe551321de26734fc273961e075fc9ab163d9c7"},
      {"_ABC123abc123ABC123abc123ABC123_",
       R"({"payload":{"resource_type":"check","action":"check.completed","object":{"id":"check-123","status":"complete","completed_at_iso8601":"2020-01-01T00:00:00Z","href":"https://api.onfido.com/v3/checks/check-123"}}})",
       "a0082d7481f9f0a2907583dbe1f344d6d4c0d9989df2fd804f98479f60cd760e"},
      {"YKOC6mkBxi6yK2zlUIrLMvsJMFEZObP5",
       R"({"payload":{"resource_type":"workflow_task","action":"workflow_task.started","object":{"id":"profile_1eb92","task_spec_id":"profile_1eb92","task_def_id":"profile_data","workflow_run_id":"bc77c6e5-753a-4580-96a6-aaed3e5a8d19","status":"started","started_at_iso8601":"2024-07-10T12:49:09Z","href":"https://api.eu.onfido.com/v3.6/workflow_runs/bc77c6e5-753a-4580-96a6-aaed3e5a8d19/tasks/profile_1eb92"},"resource":{"created_at":"2024-07-10T12:49:09Z","id":"profile_1eb92","workflow_run_id":"bc77c6e5-753a-4580-96a6-aaed3e5a8d19","updated_at":"2024-07-10T12:49:09Z","input":{},"task_def_version":null,"task_def_id":"profile_data","output":null}}})",
       "c95a5b785484f6fa1bc25f381b5595d66bf85cb442eefb06aa007802ee6a4dfa"},
  };
  for (const auto& c : kCases) {
    const std::vector keys = {c.token};
    EXPECT_EQ(VerifySignature(Onfido(), keys, {.signature = c.signature}, c.body, At(0)),
              SignatureVerdict::kRight);
    std::string changed(c.signature);
    changed.back() = changed.back() == '8' ? '9' : '8';
    EXPECT_EQ(VerifySignature(Onfido(), keys, {.signature = changed}, c.body, At(0)),
              SignatureVerdict::kWrong);
  }
}

// GitHub, "Validating webhook deliveries", testing the webhook payload validation.
TEST(Signature, MayHaveAPrefix) {
  const SignatureRule github = {.header = "x-hub-signature-256", .prefix = "sha256="};
  const std::vector<std::string> keys = {"It's a Secret to Everybody"};
  const std::string hex = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  const auto verify = [&](const std::string& signature) {
    return VerifySignature(github, keys, {.signature = signature}, "Hello, World!", At(0));
  };
  EXPECT_EQ(verify("sha256=" + hex), SignatureVerdict::kRight);
  EXPECT_EQ(verify(hex), SignatureVerdict::kWrong);
  EXPECT_EQ(verify("SHA256=" + hex), SignatureVerdict::kWrong);
  EXPECT_EQ(verify("sha256=757107EA0EB2509FC211221CCE984B8A37570B6D7586C22C46F4379C8B043E17"),
            SignatureVerdict::kRight)
      << "hex digits have no case";
}

// RFC 4231, 4.3.
TEST(Signature, UsesTheAlgorithmAndTheEncodingOfTheRule) {
  const std::string sha512 =
      "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0"
      "e6fdcaeab1a34d4a6b4b636e070a38bce737";
  SignatureRule rule = {.header = "s", .algorithm = SignatureRule::Algorithm::kHmacSha512};
  const std::string_view body = "what do ya want for nothing?";
  const std::vector<std::string> keys = {"Jefe"};
  EXPECT_EQ(VerifySignature(rule, keys, {.signature = sha512}, body, At(0)),
            SignatureVerdict::kRight);
  rule.encoding = SignatureRule::Encoding::kBase64;
  const std::string base64 = EncodeBase64(*DecodeHex(sha512));
  EXPECT_EQ(VerifySignature(rule, keys, {.signature = base64}, body, At(0)),
            SignatureVerdict::kRight);
  EXPECT_EQ(VerifySignature(rule, keys, {.signature = sha512}, body, At(0)),
            SignatureVerdict::kWrong);
}

// The same MAC: "what do ya", " want " and "for nothing?" joined are the data of RFC 4231, 4.3.
TEST(Signature, JoinsTimestampAndBody) {
  SignatureRule rule = {.header = "s",
                        .content = SignatureRule::Content::kTimestamp,
                        .timestamp_header = "t",
                        .join = " want "};
  const std::vector<std::string> keys = {"Jefe"};
  const SignatureClaim claim = {
      .signature = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      .timestamp = "what do ya"};
  EXPECT_EQ(VerifySignature(rule, keys, claim, "for nothing?", At(0)), SignatureVerdict::kStale)
      << "right, but no time";
  EXPECT_EQ(VerifySignature(rule, keys, claim, "for nothing", At(0)), SignatureVerdict::kWrong);
}

TEST(SigningKey, IsTheSecretUnlessPrefixOfStandardWebhooksEncodesIt) {
  EXPECT_EQ(SigningKeyOf(Onfido(), "whsec_AAAA"), "whsec_AAAA");
  EXPECT_EQ(SigningKeyOf(StandardWebhooks(), "whsec_Zm9v"), "foo");
  EXPECT_EQ(SigningKeyOf(StandardWebhooks(), "Zm9v"), "Zm9v");
  EXPECT_FALSE(SigningKeyOf(StandardWebhooks(), "whsec_"));
  EXPECT_FALSE(SigningKeyOf(StandardWebhooks(), "whsec_!"));
  EXPECT_FALSE(SigningKeyOf(Onfido(), ""));
}

}  // namespace
}  // namespace common
