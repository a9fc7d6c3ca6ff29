#include "ops/ctl/serve/answers.h"

#include <array>
#include <utility>

#include "common/json/object_writer.h"

namespace ctl {
namespace {

using common::http::Answer;

constexpr std::string_view kJson = "application/json";

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kGuards{{
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
     "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Cache-Control", "no-store"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
}};

Answer Guarded(Answer answer) {
  for (const auto& [name, value] : kGuards) answer.fields.emplace_back(name, value);
  return answer;
}

int StatusOf(common::Remedy remedy) {
  switch (remedy) {
    case common::Remedy::kReject:
      return 400;
    case common::Remedy::kRetry:
      return 503;
    case common::Remedy::kAbort:
    case common::Remedy::kStop:
      break;
  }
  return 502;
}

}  // namespace

Answer WithoutBody(int status) { return Guarded({.status = status}); }

Answer SentenceAnswer(int status, std::string_view sentence) {
  return Guarded({.status = status,
                  .body = std::string(sentence) + "\n",
                  .content_type = "text/plain; charset=utf-8"});
}

Answer JsonAnswer(std::string json) {
  if (!json.ends_with('\n')) json += '\n';
  return Guarded({.body = std::move(json), .content_type = kJson});
}

Answer ErrorAnswer(const common::Error& error) {
  return ErrorAnswer(StatusOf(error.remedy), error.detail);
}

Answer ErrorAnswer(int status, std::string_view sentence) {
  Answer answer{.status = status,
                .body = common::json::ObjectWriter().Text("error", sentence).Finish() + "\n",
                .content_type = kJson};
  if (status == 503) answer.fields.emplace_back("Retry-After", "5");
  return Guarded(std::move(answer));
}

Answer PageAnswer(const PageFile& file) {
  return Guarded({.body = std::string(file.text), .content_type = file.content_type});
}

Answer WelcomeAnswer(std::string cookie) {
  Answer answer{.status = 303};
  answer.fields.emplace_back("Location", "/");
  answer.fields.emplace_back("Set-Cookie", std::move(cookie));
  return Guarded(std::move(answer));
}

}  // namespace ctl
