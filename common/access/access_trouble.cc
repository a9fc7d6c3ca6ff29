#include "common/access/access_trouble.h"

#include <algorithm>
#include <array>

#include "common/access/passing_fault.h"

namespace common::access {
namespace {

using Kind = AccessTrouble::Kind;

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool IsOfToken(std::string_view words) {
  return Contains(words, "no token available") ||
         Contains(words, "Failed to acquire SASL OAUTHBEARER token");
}

/// Names the resource that the words deny, as in "Topic authorization failed". Empty if they deny
/// none.
std::string_view DenialIn(std::string_view words) {
  constexpr std::array<std::string_view, 4> kDenials = {
      "Transactional Id authorization failed", "Group authorization failed",
      "Topic authorization failed", "Cluster authorization failed"};
  const auto found = std::ranges::find_if(
      kDenials, [&](std::string_view denial) { return Contains(words, denial); });
  return found == kDenials.end() ? std::string_view() : *found;
}

constexpr const char* kRightsAdvice =
    "allow it to this client with kafka-acls; `--check --online` names what it lacks";

std::optional<Kind> KindOf(std::string_view code, std::string_view words) {
  if (IsOfToken(words)) return Kind::kToken;
  // A broker may refuse a client certificate after the handshake, which has ended for us by then.
  const bool is_of_tls = code == "_SSL" || Contains(words, "SSL handshake failed") ||
                         Contains(words, "SSL routines::");
  if (is_of_tls) return Kind::kTls;
  const bool is_of_login =
      code == "_AUTHENTICATION" || Contains(words, "SASL authentication error") ||
      Contains(words, "initialize SASL authentication") ||
      (Contains(words, "SASL") && Contains(words, "mechanism handshake failed"));
  return is_of_login ? std::optional(Kind::kLogin) : std::nullopt;
}

}  // namespace

std::string_view ToText(Kind kind) {
  constexpr std::array<std::string_view, 5> kTexts = {"certificate", "tls", "login", "token",
                                                      "rights"};
  return kTexts.at(static_cast<std::size_t>(kind));
}

std::string Describe(const AccessTrouble& trouble) {
  const std::string host = trouble.host.empty() ? "" : " (" + trouble.host + ")";
  return trouble.why + host + ": " + trouble.advice;
}

ClientWords Split(std::string_view text) {
  if (text.starts_with("[thrd:")) {
    const std::size_t end = text.find("]: ");
    if (end != std::string_view::npos) text.remove_prefix(end + 3);
  }
  ClientWords split;
  const std::size_t scheme = text.find("://");
  const std::size_t colon = text.find(": ");
  if (scheme != std::string_view::npos && colon != std::string_view::npos && scheme < colon) {
    split.address = text.substr(scheme + 3, colon - scheme - 3);
    split.address.resize(std::min(split.address.size(), split.address.find('/')));
    text.remove_prefix(colon + 2);
  }
  if (const std::size_t after = text.rfind(" (after "); after != std::string_view::npos) {
    text = text.substr(0, after);
  }
  split.words = text;
  return split;
}

std::string Shortened(std::string_view text) {
  const ClientWords split = Split(text);
  return split.address.empty() ? split.words : split.address + ": " + split.words;
}

std::optional<AccessTrouble> FindAccessTrouble(std::string_view code, std::string_view text) {
  ClientWords split = Split(text);
  // librdkafka wraps it in several sentences.
  if (const std::string_view denial = DenialIn(text); !denial.empty()) {
    return AccessTrouble{Kind::kRights, {}, std::string(denial), kRightsAdvice};
  }
  const std::optional<Kind> kind = KindOf(code, split.words);
  if (!kind) return std::nullopt;
  std::string advice =
      *kind == Kind::kTls ? HandshakeAdvice(split.words) : LoginAdvice(split.words);
  return AccessTrouble{*kind, std::move(split.address), std::move(split.words), std::move(advice)};
}

AccessTrouble RefusedCertificate(const ShownCertificate& certificate) {
  const std::string why = WhyRefused(certificate);
  return {Kind::kCertificate, certificate.host,
          "the certificate of " + NameOf(certificate) + " is refused: " + why,
          CertificateAdvice(why, kCaSetting)};
}

std::string HandshakeAdvice(std::string_view words) {
  constexpr const char* kNoTls =
      "that port does not speak TLS; name the TLS port, or leave SSL out of "
      "kafka.security.protocol";
  if (MayPass(words)) return std::string("try again; if it stays, ") + kNoTls;
  if (Contains(words, "wrong version number") || Contains(words, "PLAINTEXT") ||
      Contains(words, "packet length too long")) {
    return kNoTls;
  }
  if (Contains(words, "alert certificate expired")) {
    return "the client certificate has expired; renew the files of kafka.ssl.certificate.location "
           "and kafka.ssl.key.location, and restart";
  }
  // Kafka says this of a stranger's certificate, and of one that has expired.
  if (Contains(words, "alert certificate unknown")) {
    return "the broker does not trust the client certificate, or it has expired; see to "
           "kafka.ssl.certificate.location and kafka.ssl.key.location";
  }
  if (Contains(words, "certificate required") || Contains(words, "alert bad certificate") ||
      Contains(words, "alert unknown ca") || Contains(words, "alert certificate")) {
    return "the broker wants a client certificate that it trusts; set "
           "kafka.ssl.certificate.location and kafka.ssl.key.location";
  }
  return "compare versions, ciphers and certificates with the broker's";
}

std::string LoginAdvice(std::string_view words) {
  if (MayPass(words)) {
    return "try again; if it stays, compare kafka.sasl.mechanism and kafka.security.protocol with "
           "the broker's";
  }
  if (Contains(words, "not valid in current SASL state")) {
    return "that port takes no login; name the SASL port, or leave SASL out of "
           "kafka.security.protocol";
  }
  if (IsOfToken(words)) {
    return "see to the token endpoint that kafka.sasl.oauthbearer.token.endpoint.url names, and to "
           "the client's id and secret";
  }
  if (Contains(words, "mechanism handshake failed") ||
      Contains(words, "Unsupported SASL mechanism")) {
    return "set kafka.sasl.mechanism to one that the broker has";
  }
  if (Contains(words, "invalid_token") || Contains(words, "OAUTHBEARER")) {
    return "the broker refuses the token; compare its issuer, audience, scope and lifetime with "
           "what the broker expects, and the clocks";
  }
  if (Contains(words, "SCRAM")) {
    return "correct kafka.sasl.username and kafka.sasl.password; Kafka 4 takes no SCRAM of "
           "librdkafka before 2.6.1, as Debian 12 has it, whatever the password: then use PLAIN, "
           "or Debian 13";
  }
  return "correct kafka.sasl.username and kafka.sasl.password, and compare kafka.sasl.mechanism "
         "with the broker's";
}

}  // namespace common::access
