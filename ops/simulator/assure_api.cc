#include "ops/simulator/assure_api.h"

#include <array>
#include <chrono>
#include <ctime>

#include "ops/simulator/assure_documents.h"
#include "ops/simulator/hash.h"

namespace simulator {
namespace {

void AddRetryAfter(ApiReply& reply, const Behaviour& behaviour) {
  if (behaviour.retry_after.count() == 0 || reply.status < 400) return;
  reply.retry_after = behaviour.retry_after;
  reply.fields.emplace_back("Retry-After", std::to_string(behaviour.retry_after.count()));
}

/// RFC 9110, 5.6.7. consumer's preflight compares its clock with it.
std::string HttpDate(common::WallTime now) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm time{};
  ::gmtime_r(&seconds, &time);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &time);
  return text.data();
}

ApiReply TokenError(int status, std::string_view error, std::string_view description) {
  ApiReply reply{.status = status, .body = OAuthErrorDocument(error, description)};
  if (status == 401) reply.fields.emplace_back("WWW-Authenticate", "Basic realm=\"assure-sim\"");
  return reply;
}

}  // namespace

ApiReply AssureApi::Answer(const ApiRequest& request, common::WallTime now) {
  const auto behaviour = behaviour_.With([](const auto& current) { return current; });
  const Target target = ParseTarget(request.path);
  ApiReply reply = target.resource == Resource::kToken
                       ? AnswerToken(request, *behaviour, now)
                       : AnswerResource(request, target, *behaviour, now);
  reply.resource = target.resource;
  reply.latency = behaviour->latency;
  reply.fields.emplace_back("Date", HttpDate(now));
  return reply;
}

ApiReply AssureApi::AnswerToken(const ApiRequest& request, const Behaviour& behaviour,
                                common::WallTime now) {
  if (request.method != "POST") return Refuse(request, 405, "a token needs POST");
  if (behaviour.token_status != 200) {
    ApiReply reply = TokenError(behaviour.token_status, "server_error", "as the behaviour demands");
    AddRetryAfter(reply, behaviour);
    return reply;
  }
  const BasicCredentials client = ParseBasic(request.authorization);
  const bool any_client = options_.client.user.empty() && options_.client.password.empty();
  const bool is_known = any_client ? !client.user.empty() && !client.password.empty()
                                   : client.user == options_.client.user &&
                                         client.password == options_.client.password;
  if (!is_known) return TokenError(401, "invalid_client", "client_secret_basic is required");
  if (FormField(request.body, "grant_type") != "client_credentials") {
    return TokenError(400, "unsupported_grant_type", "only client_credentials is supported");
  }
  using std::chrono::seconds;
  const auto lifetime = std::chrono::floor<seconds>(options_.token_lifetime).count();
  return {.body = TokenDocument(tokens_.Issue(now + options_.token_lifetime, ++serial_), lifetime)};
}

ApiReply AssureApi::AnswerResource(const ApiRequest& request, const Target& target,
                                   const Behaviour& behaviour, common::WallTime now) {
  switch (tokens_.Check(ParseBearer(request.authorization), now)) {
    case Tokens::TokenValidity::kForged:
      return Refuse(request, 401, "the access token is missing or invalid");
    case Tokens::TokenValidity::kExpired:
      return Refuse(request, 401, "the access token has expired");
    case Tokens::TokenValidity::kValid:
      break;
  }
  if (target.resource == Resource::kOther) return Refuse(request, 404, "no such path");
  const bool is_process = target.resource == Resource::kProcess;
  const bool is_deletion = request.method == "DELETE" && !is_process;
  if (request.method != "GET" && !is_deletion) {
    return Refuse(request, 405, "only GET, and DELETE of a dossier, are supported here");
  }
  if (behaviour.error_rate > 0 &&
      Dice(options_.seed ^ Mix(++serial_)).Unit() < behaviour.error_rate) {
    ApiReply reply = Refuse(request, behaviour.status, "as the behaviour demands");
    if (behaviour.status < 400) reply.fields.emplace_back("Location", "http://elsewhere.invalid/");
    AddRetryAfter(reply, behaviour);
    return reply;
  }
  const std::string& id = is_process ? target.process_id : target.dossier_id;
  if (const auto found = behaviour.status_of.find(id); found != behaviour.status_of.end()) {
    return Refuse(request, found->second, "as the behaviour demands of it");
  }
  if (IsMissing(id, behaviour) || IsDeleted(target.dossier_id)) {
    return Refuse(request, 404, "it does not exist");
  }
  if (is_deletion) return DeleteDossier(target);
  ApiReply reply = Document(target, behaviour, now);
  if (!behaviour.content_encoding.empty()) {
    reply.fields.emplace_back("Content-Encoding", behaviour.content_encoding);
  }
  return reply;
}

ApiReply AssureApi::Document(const Target& target, const Behaviour& behaviour,
                             common::WallTime now) {
  const bool is_process = target.resource == Resource::kProcess;
  std::string id = is_process ? target.process_id : target.dossier_id;
  switch (behaviour.body) {
    case BodyKind::kGarbage:
      return {.body = GarbageDocument(id)};
    case BodyKind::kHuge:
      return {.body = HugeDocument(id)};
    case BodyKind::kPage:
      return {.body = MaintenancePage(), .content_type = "text/html; charset=utf-8"};
    case BodyKind::kForeign:
      id += "-of-another";
      break;
    case BodyKind::kNormal:
      break;
  }
  if (!is_process) return {.body = DossierDocument(id)};
  const ProcessState state =
      IsPending(id, behaviour.pending_for, now) ? ProcessState::kPending : ProcessState::kFinished;
  return {.body = ProcessDocument(target.dossier_id, id, state)};
}

ApiReply AssureApi::Refuse(const ApiRequest& request, int status, std::string_view detail) {
  return {.status = status,
          .body = ErrorDocument({.status = status,
                                 .method = request.method,
                                 .instance = request.path,
                                 .detail = detail,
                                 .trace = options_.seed ^ Mix(++serial_)})};
}

ApiReply AssureApi::DeleteDossier(const Target& target) {
  deleted_.With([&](auto& deleted) {
    constexpr std::size_t kMost = 1'000'000;
    if (deleted.size() >= kMost) deleted.clear();
    deleted.insert(target.dossier_id);
  });
  return {.status = 204};
}

bool AssureApi::IsDeleted(const std::string& dossier_id) {
  return deleted_.With([&](const auto& deleted) { return deleted.contains(dossier_id); });
}

bool AssureApi::IsMissing(const std::string& id, const Behaviour& behaviour) const {
  if (behaviour.missing_ids.contains(id)) return true;
  return behaviour.missing_rate > 0 &&
         Dice(Hash(id, options_.seed)).Unit() < behaviour.missing_rate;
}

bool AssureApi::IsPending(const std::string& process_id, std::chrono::milliseconds pending_for,
                          common::WallTime now) {
  if (pending_for.count() == 0) return false;
  return first_asked_.With([&](auto& first_asked) {
    constexpr std::size_t kMost = 1'000'000;
    if (first_asked.size() >= kMost) first_asked.clear();
    return now < first_asked.emplace(process_id, now).first->second + pending_for;
  });
}

void AssureApi::Set(const Behaviour& behaviour) {
  behaviour_.With([&](auto& current) { current = std::make_shared<Behaviour>(behaviour); });
}

Behaviour AssureApi::behaviour() const {
  return *behaviour_.With([](const auto& current) { return current; });
}

}  // namespace simulator
