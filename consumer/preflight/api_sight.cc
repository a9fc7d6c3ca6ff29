#include "consumer/preflight/api_sight.h"

#include <algorithm>
#include <array>

#include "common/access/certificate.h"
#include "common/access/passing_fault.h"
#include "common/base/retry_after.h"
#include "common/json/api_answer.h"
#include "common/json/fields.h"
#include "common/preflight/clock.h"
#include "consumer/fetch/answer.h"
#include "consumer/fetch/question.h"
#include "consumer/http/origin.h"

namespace consumer {
namespace {

using common::preflight::Check;
using common::preflight::Report;
using common::preflight::Verdict;

bool IsOfTls(const std::string& url) { return url.starts_with("https://"); }

/// The error code of RFC 6749, 5.2, in brackets: from a closed set of characters, as the host may
/// say anything.
std::string OauthError(const std::string& body) {
  std::array<common::json::Field, 1> fields = {{{.name = "error"}}};
  if (!common::json::ReadFields(body, fields)) return "";
  const std::string& code = fields[0].value;
  const bool is_code =
      fields[0].kind == common::json::Field::Kind::kText && code.size() <= 40 &&
      std::ranges::all_of(code, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
  return is_code && !code.empty() ? " (" + code + ")" : "";
}

bool IsTemporary(int status) {
  return status == 408 || status == 425 || status == 429 || status >= 500;
}

std::string Answered(const std::string& url, const HttpReply& reply) {
  return OriginOf(url) + " answers " + std::to_string(reply.status);
}

/// Nothing is known of this host.
void LeaveUnasked(Check check, const std::string& url, const std::string& text, Report& report) {
  report.Add(check, Verdict::kUnasked, text);
  if (IsOfTls(url)) report.Add(Check::kTls, Verdict::kUnasked, OriginOf(url) + " does not answer");
}

/// Another key beside `setting`.
std::string Beside(std::string_view setting, std::string_view key) {
  return std::string(setting.substr(0, setting.rfind('.') + 1)).append(key);
}

/// Judges a handshake that failed, but was not cut off.
void JudgeHandshake(Check check, const std::string& from, const std::string& why,
                    std::string_view setting, Report& report) {
  // An alert is the host's: it may speak of a certificate that it wants of us.
  const bool is_of_certificate =
      why.find("certificate") != std::string::npos && why.find("alert") == std::string::npos;
  report.Add(Check::kTls, Verdict::kWrong,
             is_of_certificate
                 ? common::access::DescribeRefusal(from, why, Beside(setting, "ca_file"))
                 : "the TLS handshake with " + from + " fails (" + why +
                       "): compare scheme and port of " + std::string(setting) +
                       ", and the proxy in the environment");
  report.Add(check, Verdict::kUnasked, from + " was not asked: see tls");
}

/// Judges why no answer came. Returns false if one did.
bool JudgeFault(Check check, const std::string& url, const HttpReply& reply,
                std::string_view setting, Report& report) {
  const std::string from = OriginOf(url);
  const bool is_broken =
      reply.fault == TransportFault::kTls || reply.fault == TransportFault::kBroken;
  if (is_broken && common::access::MayPass(reply.error)) {
    LeaveUnasked(check, url,
                 from + " closes the connection (" + reply.error +
                     "): ask again later; if it stays, compare scheme and port of " +
                     std::string(setting) + ", and the proxy in the environment",
                 report);
    return true;
  }
  switch (reply.fault) {
    case TransportFault::kNone:
      return false;
    case TransportFault::kTls:
      JudgeHandshake(check, from, reply.error, setting, report);
      return true;
    case TransportFault::kBroken:
      report.Add(check, Verdict::kWrong,
                 from + " does not answer as an HTTP server does (" + reply.error +
                     "): compare scheme and port of " + std::string(setting));
      return true;
    case TransportFault::kTooLarge:
    case TransportFault::kNoRoom:
      report.Add(check, Verdict::kWrong,
                 from + " answers with more than expected (" + reply.error + "): compare " +
                     std::string(setting));
      return true;
    case TransportFault::kDns:
    case TransportFault::kConnect:
    case TransportFault::kTimeout:
      LeaveUnasked(check, url,
                   from + " does not answer (" + reply.error + "): see to " + std::string(setting) +
                       ", the network, and the proxy in the environment",
                   report);
      return true;
  }
  return true;
}

/// Judges what no API sends. Returns false if it is not of that kind.
bool JudgeForeign(Check check, const std::string& url, const HttpReply& reply,
                  std::string_view setting, Report& report) {
  if (reply.status >= 300 && reply.status < 400) {
    report.Add(check, Verdict::kWrong,
               Answered(url, reply) +
                   ", a redirect, which is never followed: name the final "
                   "address in " +
                   std::string(setting));
    return true;
  }
  if (IsPage(reply) && !IsTemporary(reply.status)) {
    report.Add(check, Verdict::kWrong,
               Answered(url, reply) + " with a page for people, not as an API does: compare " +
                   std::string(setting) + " and the proxy in the environment");
    return true;
  }
  return false;
}

std::string CredentialsOf(const std::string& section) {
  return section + ".client_id, " + section + ".client_secret and " + section + ".scope";
}

void JudgeToken(const ApiSight& sight, Report& report) {
  const std::string setting = sight.section + ".token_url";
  const HttpReply& reply = sight.token.reply;
  if (JudgeFault(Check::kToken, sight.token_url, reply, setting, report)) return;
  if (IsOfTls(sight.token_url)) {
    report.Add(
        Check::kTls, Verdict::kOk,
        "the certificate of " + OriginOf(sight.token_url) + " is trusted, valid, and for it");
  }
  const std::string answered = Answered(sight.token_url, reply);
  if (sight.has_token) {
    report.Add(Check::kToken, Verdict::kOk, OriginOf(sight.token_url) + " gives a token");
  } else if (JudgeForeign(Check::kToken, sight.token_url, reply, setting, report)) {
    return;
  } else if (IsTemporary(reply.status)) {
    report.Add(Check::kToken, Verdict::kUnasked, answered + ": ask again later");
  } else if (reply.status == 400 || reply.status == 401 || reply.status == 403) {
    const std::string error = OauthError(reply.body);
    const bool is_of_scope = error == " (invalid_scope)";
    const std::string place = error.empty() ? ", and compare " + setting : "";
    report.Add(Check::kToken, Verdict::kWrong,
               answered + error + ": correct " +
                   (is_of_scope ? sight.section + ".scope" : CredentialsOf(sight.section)) + place);
  } else if (reply.status == 200) {
    report.Add(Check::kToken, Verdict::kWrong, answered + " without a token: compare " + setting);
  } else {
    report.Add(Check::kToken, Verdict::kWrong, answered + ": compare " + setting);
  }
}

void JudgeRefusal(const std::string& answered, const HttpReply& reply, const std::string& section,
                  Report& report) {
  report.Add(
      Check::kApi, Verdict::kWrong,
      answered +
          (reply.status == 403
               ? ": this client may not read dossiers; give it the right, or correct " + section +
                     ".client_id and " + section + ".scope"
               : ": the API does not take the token; compare " + section + ".base_url, " + section +
                     ".token_url and " + section + ".scope, which must be of one environment"));
}

/// True for the platform's form of an error if it names nothing but the ids that were asked for.
bool IsErrorOfApi(const std::string& body, const Question& question) {
  std::array<common::json::Field, 4> fields = {
      {{.name = "traceId"}, {.name = "type"}, {.name = "title"}, {.name = "code"}}};
  if (!common::json::ReadFields(body, fields) || question.IsForeignError(body)) return false;
  return std::ranges::any_of(fields, [](const common::json::Field& field) {
    return field.kind == common::json::Field::Kind::kText;
  });
}

/// Judges 404 and 410.
void JudgeNotFound(const std::string& answered, bool is_of_api, const std::string& setting,
                   Report& report) {
  report.Add(Check::kApi, is_of_api ? Verdict::kOk : Verdict::kWarning,
             answered + " for ids that nobody has" +
                 (is_of_api ? ", as it should"
                            : ", but not as the API does: compare host and path of " + setting));
}

/// Judges 200.
void JudgeDocument(const std::string& answered, const ApiSight& sight, const Question& question,
                   const std::string& setting, Report& report) {
  const std::string& body = sight.answer->reply.body;
  const auto document = common::json::ReadResourceAnswer(body);
  if (!document) {
    report.Add(Check::kApi, Verdict::kWrong,
               answered + " without a JSON object: compare " + setting);
  } else if (!question.IsForeign(document->ids, IdRule::kRequired)) {
    report.Add(Check::kApi, Verdict::kOk, answered + " with a document that names the ids");
  } else if (question.IsForeign(document->ids, sight.ids)) {
    report.Add(Check::kApi, Verdict::kWrong,
               answered + " with JSON that does not name the ids asked for: compare " + setting);
  } else {
    report.Add(
        Check::kApi, Verdict::kWarning,
        answered + " for ids that nobody has, with JSON that names no ids: compare " + setting);
  }
}

void JudgeAnswer(const ApiSight& sight, Report& report) {
  const std::string setting = sight.section + ".base_url";
  if (!sight.answer) {
    return report.Add(Check::kApi, Verdict::kUnasked, "no token: see token");
  }
  const HttpReply& reply = sight.answer->reply;
  if (JudgeFault(Check::kApi, sight.url, reply, setting, report)) return;
  if (IsOfTls(sight.url)) {
    report.Add(Check::kTls, Verdict::kOk,
               "the certificate of " + OriginOf(sight.url) + " is trusted, valid, and for it");
  }
  const std::string answered = Answered(sight.url, reply);
  const Question question(sight.resource, sight.job);
  const bool refuses_token = reply.status == 400 && common::json::RefusesToken(reply.body);
  if (reply.status == 401 || reply.status == 403 || refuses_token) {
    JudgeRefusal(answered, reply, sight.section, report);
  } else if (JudgeForeign(Check::kApi, sight.url, reply, setting, report)) {
    return;
  } else if (reply.status == 404 || reply.status == 410) {
    JudgeNotFound(answered, IsErrorOfApi(reply.body, question), setting, report);
  } else if (reply.status == 200) {
    JudgeDocument(answered, sight, question, setting, report);
  } else {
    report.Add(Check::kApi, Verdict::kUnasked,
               answered + ", which says nothing of this client's rights: ask again later");
  }
}

bool JudgeClockBy(const TimedReply& timed, const std::string& url, Report& report) {
  if (timed.reply.fault != TransportFault::kNone || !timed.reply.date) return false;
  const auto date = common::ParseHttpDate(*timed.reply.date, timed.received);
  if (!date) return false;
  JudgeClock({.host = OriginOf(url),
              .date = *date,
              .received = timed.received,
              .elapsed = std::chrono::ceil<std::chrono::milliseconds>(timed.reply.elapsed)},
             report);
  return true;
}

}  // namespace

void JudgeApi(const ApiSight& sight, Report& report) {
  JudgeToken(sight, report);
  JudgeAnswer(sight, report);
  if (sight.answer && JudgeClockBy(*sight.answer, sight.url, report)) return;
  if (JudgeClockBy(sight.token, sight.token_url, report)) return;
  report.Add(Check::kClock, Verdict::kUnasked,
             "no answer with a Date to compare the clock with: see token and api");
}

}  // namespace consumer
