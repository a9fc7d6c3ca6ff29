#include "ops/ctl/erase/dossier_deletion.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "common/base/number.h"
#include "common/json/api_answer.h"

namespace ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Outcome = DeletionReport::Outcome;

constexpr int kMostAttempts = 4;
constexpr milliseconds kFirstWait{1'000};
constexpr milliseconds kLongestWait = std::chrono::minutes(1);

/// Try again, after a Retry-After if there was one.
struct Again {
  std::optional<milliseconds> after{};
};

/// What an answer means by itself.
using Verdict = std::variant<Outcome, Again>;

bool IsTransient(int status) {
  return status == 0 || status == 408 || status == 425 || status == 429 || status >= 500;
}

/// The wait in seconds. A date, the other form, counts as longer than anybody waits here.
std::optional<milliseconds> RetryAfterOf(const AssureReply& reply) {
  constexpr int kMost = 24 * 3600;
  if (!reply.retry_after) return std::nullopt;
  return seconds(std::min(kMost, common::ParseNumber<int>(*reply.retry_after).value_or(kMost)));
}

class DossierDeletion {
 public:
  DossierDeletion(const common::AssureClient& client, const common::DossierId& dossier,
                  const DeletionPorts& ports)
      : client_(client),
        dossier_(dossier),
        url_(common::DossierUrl(client.base_url, dossier)),
        ports_(ports) {}

  DeletionReport Run() {
    if (!GetToken()) return report_;
    while (report_.attempts < kMostAttempts) {
      ++report_.attempts;
      const AssureReply reply = Ask("DELETE");
      if (NeedsNewToken(reply)) {
        if (!GetToken()) return report_;
        continue;
      }
      const Verdict verdict = Judge(reply);
      if (const auto* outcome = std::get_if<Outcome>(&verdict)) {
        report_.outcome = *outcome;
        if (*outcome == Outcome::kDeleted) Verify();
        return report_;
      }
      if (report_.attempts < kMostAttempts && !Wait(std::get<Again>(verdict))) return report_;
    }
    return report_;
  }

 private:
  AssureReply Ask(const char* method) {
    return ports_.ask(common::ResourceRequest(method, url_, token_));
  }

  bool GetToken() {
    for (int attempt = 1;; ++attempt) {
      const AssureReply reply = ports_.ask(common::TokenRequest(client_));
      report_.status = reply.status;
      auto answer = reply.status == 200 ? common::json::ReadTokenAnswer(reply.body) : std::nullopt;
      if (answer && IsSendable(answer->access_token)) {
        token_ = std::move(answer->access_token);
        return true;
      }
      report_.why = "no token: " + Said(reply);
      report_.outcome = IsTransient(reply.status) ? Outcome::kUnavailable : Outcome::kRefused;
      if (report_.outcome == Outcome::kRefused || attempt == kMostAttempts) return false;
      if (!Wait({RetryAfterOf(reply)})) return false;
    }
  }

  bool NeedsNewToken(const AssureReply& reply) {
    const bool is_refused =
        reply.status == 401 || (reply.status == 400 && common::json::RefusesToken(reply.body));
    return is_refused && !std::exchange(has_new_token_, true);
  }

  Verdict Judge(const AssureReply& reply) {
    const int status = reply.status;
    report_.outcome = Outcome::kUnavailable;
    report_.status = status;
    report_.why.clear();
    report_.trace_id =
        status >= 400 ? common::json::ReadTraceId(reply.body).value_or("") : std::string();
    // What the body of a success holds does not matter.
    if (status >= 200 && status < 300) return Outcome::kDeleted;
    if (status == 404 || status == 410) return JudgeMissing(reply);
    report_.why = WhyNot(reply);
    if (IsTransient(status)) return Again{RetryAfterOf(reply)};
    return Outcome::kRefused;
  }

  /// Believes only the API itself that the dossier is not there.
  Verdict JudgeMissing(const AssureReply& reply) {
    using common::json::NamedId;
    if (!common::json::ReadResourceAnswer(reply.body)) {
      report_.why = "the answer is no JSON object: is assure.base_url right?";
      return Outcome::kRefused;
    }
    const NamedId named = common::json::ReadErrorSubject(reply.body).ids.dossier;
    const bool is_ours = named.kind == NamedId::Kind::kMissing || named.value == dossier_.str();
    if (is_ours) return Outcome::kGone;
    report_.why = "the answer names another dossier";
    return Again{};
  }

  static std::string WhyNot(const AssureReply& reply) {
    switch (reply.status) {
      case 401:
        return "it refuses a new token, too";
      case 403:
        return "this client may not delete dossiers";
      case 405:
        return "it does not delete dossiers at this path";
      case 409:
        return "the dossier's state forbids it: is a process of it under way?";
      default:
        return Said(reply);
    }
  }

  static std::string Said(const AssureReply& reply) {
    if (reply.status != 0) return "it answered " + std::to_string(reply.status);
    return reply.error.empty() ? "no answer" : reply.error;
  }

  /// True if the token can stand in a header field: visible ASCII (RFC 6749, A.12).
  static bool IsSendable(std::string_view token) {
    return std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  }

  bool Wait(const Again& again) {
    const milliseconds wait = std::max(next_wait_, again.after.value_or(milliseconds(0)));
    next_wait_ *= 2;
    if (wait <= kLongestWait) return ports_.wait(wait);
    report_.why += ", and asks to wait for " +
                   std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count()) + " s";
    return false;
  }

  /// Says whether the deleted dossier still answers.
  void Verify() {
    const AssureReply reply = Ask("GET");
    if (reply.status == 404 || reply.status == 410) return;
    report_.why = reply.status == 200
                      ? "it still answers requests for the dossier: ask again later"
                      : "whether it still answers requests for the dossier is unknown";
  }

  const common::AssureClient& client_;
  const common::DossierId& dossier_;
  const std::string url_;
  const DeletionPorts& ports_;
  DeletionReport report_;
  std::string token_;
  bool has_new_token_ = false;
  milliseconds next_wait_ = kFirstWait;
};

}  // namespace

std::string_view ToText(Outcome outcome) {
  switch (outcome) {
    case Outcome::kDeleted:
      return "deleted";
    case Outcome::kGone:
      return "gone";
    case Outcome::kRefused:
      return "refused";
    case Outcome::kUnavailable:
      return "unavailable";
  }
  return "";
}

DeletionReport DeleteDossier(const common::AssureClient& client, const common::DossierId& dossier,
                             const DeletionPorts& ports) {
  return DossierDeletion(client, dossier, ports).Run();
}

}  // namespace ctl
