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

constexpr int kMostAttempts = 4;
constexpr milliseconds kFirstWait{1'000};
constexpr milliseconds kLongestWait = std::chrono::minutes(1);
constexpr const char* kNoObject = "the answer is no JSON object: is assure.base_url right?";

/// Try again, after a Retry-After if there was one.
struct Again {
  std::optional<milliseconds> after{};
  std::string until{};  ///< The Retry-After, if it is not a number.
};

/// The meaning of one answer.
using Judgement = std::variant<DeletionOutcome, Again>;

bool IsTransient(int status) {
  return status == 0 || status == 408 || status == 425 || status == 429 || status >= 500;
}

bool IsAllDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// A date, the other form, counts as longer than anybody waits here.
Again AgainAfter(const AssureReply& reply) {
  constexpr int kMost = 24 * 3600;
  constexpr std::size_t kLongestDate = 64;
  if (!reply.retry_after || reply.retry_after->empty()) return {};
  const std::string& field = *reply.retry_after;
  if (!IsAllDigits(field)) {
    return {.after = kLongestWait + kFirstWait, .until = field.substr(0, kLongestDate)};
  }
  return {.after = seconds(std::min(kMost, common::ParseNumber<int>(field).value_or(kMost)))};
}

bool IsJsonObject(std::string_view body) {
  return common::json::ReadResourceAnswer(body).has_value();
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
      const Judgement verdict = Judge(reply);
      if (const auto* outcome = std::get_if<DeletionOutcome>(&verdict)) {
        report_.outcome = *outcome;
        if (*outcome == DeletionOutcome::kDeleted) Verify();
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
      report_.outcome =
          IsTransient(reply.status) ? DeletionOutcome::kUnavailable : DeletionOutcome::kRefused;
      if (report_.outcome == DeletionOutcome::kRefused || attempt == kMostAttempts) return false;
      if (!Wait(AgainAfter(reply))) return false;
    }
  }

  bool NeedsNewToken(const AssureReply& reply) {
    const bool is_refused =
        reply.status == 401 || (reply.status == 400 && common::json::RefusesToken(reply.body));
    return is_refused && !std::exchange(has_new_token_, true);
  }

  Judgement Judge(const AssureReply& reply) {
    const int status = reply.status;
    report_.outcome = DeletionOutcome::kUnavailable;
    report_.status = status;
    report_.why.clear();
    report_.trace_id =
        status >= 400 ? common::json::ReadTraceId(reply.body).value_or("") : std::string();
    if (status >= 200 && status < 300) return JudgeSuccess(reply);
    if (status == 404 || status == 410) return JudgeMissing(reply);
    report_.why = WhyNot(reply);
    if (IsTransient(status)) return AgainAfter(reply);
    return DeletionOutcome::kRefused;
  }

  /// A page is the answer of another host.
  Judgement JudgeSuccess(const AssureReply& reply) {
    if (reply.body.empty() || IsJsonObject(reply.body)) return DeletionOutcome::kDeleted;
    report_.why = kNoObject;
    return DeletionOutcome::kRefused;
  }

  /// Trusts a 404 only if the API sent it, and not a gateway in front of it.
  Judgement JudgeMissing(const AssureReply& reply) {
    using common::json::NamedId;
    if (!IsJsonObject(reply.body)) {
      report_.why = kNoObject;
      return DeletionOutcome::kRefused;
    }
    const auto subject = common::json::ReadErrorSubject(reply.body);
    const NamedId& named = subject.ids.dossier;
    if (named.kind != NamedId::Kind::kMissing && named.value != dossier_.str()) {
      report_.why = "the answer names another dossier";
      return Again{};
    }
    if (named.kind == NamedId::Kind::kNamed || NamesOurPath(subject.instance) ||
        common::json::ReadTraceId(reply.body)) {
      return DeletionOutcome::kGone;
    }
    report_.why =
        "the answer has neither traceId nor instance, as errors of the Assure API have: "
        "is assure.base_url right?";
    return DeletionOutcome::kRefused;
  }

  [[nodiscard]] bool NamesOurPath(std::string_view instance) const {
    const std::size_t begin = url_.rfind("/dossiers/");
    return instance.ends_with(url_.substr(begin)) ||
           instance.ends_with("/dossiers/" + dossier_.str());
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
    report_.why += ", and asks to wait ";
    report_.why +=
        again.until.empty()
            ? "for " + std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count()) + " s"
            : "until " + again.until;
    return false;
  }

  /// A deletion counts only once the dossier answers no more.
  void Verify() {
    const AssureReply reply = Ask("GET");
    const bool is_missing = reply.status == 404 || reply.status == 410;
    const Judgement verdict = is_missing ? JudgeMissing(reply) : DeletionOutcome::kUnavailable;
    const auto* outcome = std::get_if<DeletionOutcome>(&verdict);
    if (outcome != nullptr && *outcome == DeletionOutcome::kGone) return;
    report_.outcome = DeletionOutcome::kUnavailable;
    report_.why = reply.status == 200
                      ? "it took the deletion, and still answers requests for the dossier: run "
                        "this again later"
                      : "it took the deletion; whether it still answers requests for the dossier "
                        "is unknown: run this again";
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

std::string_view ToText(DeletionOutcome outcome) {
  switch (outcome) {
    case DeletionOutcome::kDeleted:
      return "deleted";
    case DeletionOutcome::kGone:
      return "gone";
    case DeletionOutcome::kRefused:
      return "refused";
    case DeletionOutcome::kUnavailable:
      return "unavailable";
  }
  return "";
}

DeletionReport DeleteDossier(const common::AssureClient& client, const common::DossierId& dossier,
                             const DeletionPorts& ports) {
  return DossierDeletion(client, dossier, ports).Run();
}

}  // namespace ctl
